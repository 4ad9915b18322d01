import { flushStandardError, logWithoutReader, lostLinesNote, redirectLogs } from "./output.ts";
import { RotatingFile } from "./rotating_file.ts";
import { TextQueue } from "./text_queue.ts";

/** How long what is still to be written may take at the end, in milliseconds. */
const FLUSH_MS = 1000;

/**
 * Has log lines go to a file of bounded size.
 *
 * @param path The file; what is in it stays.
 * @param onOpen Is told when the file has been made or opened: it may be made anew while it is in use.
 * @returns Disposed of, all is written, and lines go where they went before.
 */
export function logToFile(path: string, onOpen?: (path: string) => void): AsyncDisposable {
  const file = new RotatingFile(path, { onOpen });
  const queue = new TextQueue(file, { lostNote: lostLinesNote });
  const redirected = redirectLogs((line) => queue.write(`${line}\n`));
  return {
    async [Symbol.asyncDispose]() {
      redirected[Symbol.dispose]();
      if (await queue.flush(FLUSH_MS)) file[Symbol.dispose]();
    },
  };
}

/**
 * Has log lines go to a file of bounded size from when nobody takes them on standard error any more, which
 * for a worker is when the manager that read them is gone. What that one had not read yet is lost; what
 * comes after is not, and nothing is waited for.
 *
 * @param path The file; what is in it stays.
 * @returns Disposed of, all is written, and lines go nowhere else than to standard error.
 */
export function logToFileWithoutReader(path: string): AsyncDisposable {
  const file = new RotatingFile(path);
  logWithoutReader(file);
  return {
    async [Symbol.asyncDispose]() {
      const flushed = await flushStandardError(FLUSH_MS);
      logWithoutReader(undefined);
      if (flushed) file[Symbol.dispose]();
    },
  };
}
