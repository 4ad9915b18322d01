import type { WorkerEnd } from "../../ipc/mod.ts";
import { auditLine, auditTo, TextQueue, writeLogLine } from "../../log/mod.ts";

/** How long what is still to be handed over may take at the end, in milliseconds. */
const FLUSH_MS = 500;

const decoder = new TextDecoder();

/**
 * Hands audit records to the manager, which owns the file that they go to. Where it is gone, they go to the
 * log, as they are.
 *
 * @returns Disposed of, all is handed over.
 */
export function auditToManager(end: Pick<WorkerEnd, "send">): AsyncDisposable {
  const target = {
    async write(bytes: Uint8Array): Promise<number> {
      const text = decoder.decode(bytes);
      await end.send({ type: "audit", text }).catch(() => {
        for (const line of text.trimEnd().split("\n")) writeLogLine(line);
      });
      return bytes.length;
    },
  };
  const queue = new TextQueue(target, {
    lostNote: (count) => auditLine({ event: "audit.lost", result: "not-written", count }),
  });
  const redirected = auditTo((text) => queue.write(text));
  return {
    async [Symbol.asyncDispose]() {
      await queue.flush(FLUSH_MS);
      redirected[Symbol.dispose]();
    },
  };
}
