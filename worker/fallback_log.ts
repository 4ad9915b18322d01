import { redirectLogs } from "../log/mod.ts";

/** A file of this size is set aside, in place of the one set aside before, and a new one begun. */
const MAX_BYTES = 8 * 1024 * 1024;

const OWNER_ONLY = 0o600;
const encoder = new TextEncoder();

/**
 * Has log lines go to a file from when nobody takes them on standard error any more, which is when the
 * manager that read them is gone. No line is lost, and none is waited for.
 *
 * @param path The file; what is in it stays.
 * @returns Disposed of, lines go where they went before.
 */
export function logToFileWithoutReader(path: string): Disposable {
  let file: Deno.FsFile | undefined;
  const redirected = redirectLogs((line) => {
    const bytes = encoder.encode(`${line}\n`);
    if (file === undefined) {
      try {
        return writeAll(Deno.stderr, bytes);
      } catch {
        file = open(path);
      }
    }
    if (file.statSync().size > MAX_BYTES) {
      file.close();
      Deno.renameSync(path, `${path}.old`);
      file = open(path);
    }
    writeAll(file, bytes);
  });
  return {
    [Symbol.dispose]() {
      redirected[Symbol.dispose]();
      file?.close();
    },
  };
}

function open(path: string): Deno.FsFile {
  return Deno.openSync(path, { append: true, create: true, mode: OWNER_ONLY });
}

function writeAll(to: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(to.writeSync(rest));
}
