import { auditLine, auditTo } from "./audit.ts";
import { RotatingFile } from "./rotating_file.ts";
import { TextQueue } from "./text_queue.ts";

/** How long what is still to be written may take at the end, in milliseconds. */
const FLUSH_MS = 1000;

/**
 * Has audit records go to a file of bounded size, which is set aside and made anew as logs are.
 *
 * @param path The file; what is in it stays.
 * @returns Disposed of, all is written, and records go to the log.
 * @throws {LogIsLinkError} If it is a link; else what the system says, if it cannot be written to.
 */
export async function auditToFile(path: string): Promise<AsyncDisposable> {
  const file = new RotatingFile(path);
  await file.write(new Uint8Array());
  const queue = new TextQueue(file, {
    lostNote: (count) => auditLine({ event: "audit.lost", result: "not-written", count }),
  });
  const redirected = auditTo((text) => queue.write(text));
  return {
    async [Symbol.asyncDispose]() {
      redirected[Symbol.dispose]();
      if (await queue.flush(FLUSH_MS)) file[Symbol.dispose]();
    },
  };
}
