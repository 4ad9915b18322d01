import { redact } from "./redaction.ts";
import { type QueueTarget, TextQueue } from "./text_queue.ts";

/** Takes one finished line, without a line break. */
export type LineWriter = (line: string) => void;

let lostLine = (count: number): string =>
  `${count} log lines got lost: they were not taken in time`;

const standardError = new TextQueue(Deno.stderr, {
  lostNote: (count) => `${redact(lostLine(count))}\n`,
});

let writer: LineWriter = writeToStderr;

/**
 * Writes one line to where logs go. Never throws and never waits: a log that cannot be written (the
 * terminal is gone, nobody reads the pipe, the disk is full) must not take the process with it, nor hold
 * it up. What cannot be written in time is dropped, and counted in a line of its own.
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

/** Standard error's text that is not a log line goes the same way, so that none overtakes the other. */
export function writeToStandardError(text: string): void {
  standardError.write(text);
}

/** Where lines go from when nobody takes them on standard error any more; `undefined` for nowhere. */
export function logWithoutReader(to: QueueTarget | undefined): void {
  standardError.inherit(to);
}

/**
 * For the end of a process: waits until standard error has taken what was written.
 *
 * @param limitMs How long at most; without one, for as long as it takes.
 * @returns Whether it has.
 */
export function flushStandardError(limitMs?: number): Promise<boolean> {
  return standardError.flush(limitMs);
}

/** How a line that tells of lost ones looks. */
export function formatLostLines(format: (count: number) => string): void {
  lostLine = format;
}

/** The note that stands for lost lines, as a line. */
export function lostLinesNote(count: number): string {
  return `${redact(lostLine(count))}\n`;
}

function writeToStderr(line: string): void {
  standardError.write(`${line}\n`);
}
