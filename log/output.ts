import { redact } from "./redaction.ts";

/** Takes one finished line, without a line break. */
export type LineWriter = (line: string) => void;

const encoder = new TextEncoder();
let writer: LineWriter = writeToStderr;

/**
 * Writes one line to where logs go. Never throws: a log that cannot be written (the terminal is
 * gone, the pipe is closed) must not take the process with it.
 */
export function writeLogLine(line: string): void {
  try {
    writer(redact(line));
  } catch {
    // There is no better place left to report it to.
  }
}

/**
 * Sends log lines somewhere else, an interactive shell that must redraw its prompt for example.
 *
 * @returns Disposed of, lines go where they went before.
 */
export function redirectLogs(to: LineWriter): Disposable {
  const before = writer;
  writer = to;
  return {
    [Symbol.dispose]() {
      if (writer === to) writer = before;
    },
  };
}

function writeToStderr(line: string): void {
  let rest = encoder.encode(`${line}\n`);
  while (rest.length > 0) rest = rest.subarray(Deno.stderr.writeSync(rest));
}
