import { concat } from "./bytes.ts";
import { CodedError } from "./coded_error.ts";

/** A line is longer than was agreed. */
export class LineTooLongError extends CodedError {
  readonly code = "line-too-long";

  constructor(maxBytes: number) {
    super(`Cannot read a line of more than ${maxBytes} bytes`);
  }
}

/** What lines there may be. */
export interface ReadLinesOptions {
  /** Without the line break. */
  maxBytes: number;
  /** Hand a longer line out in pieces instead of throwing. */
  cut?: boolean;
}

const LF = 10;
const decoder = new TextDecoder();

/**
 * Splits bytes into lines of UTF-8 text, the last one also if it has no line break. Holds no more
 * than one line in memory.
 *
 * @throws {LineTooLongError} If a line is longer than `maxBytes`, unless `cut` is set.
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  { maxBytes, cut = false }: ReadLinesOptions,
): AsyncGenerator<string> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of source) {
    let rest = chunk;
    while (rest.length > 0) {
      const end = rest.indexOf(LF);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      const room = maxBytes - pendingBytes;
      if (piece.length > room) {
        if (!cut) throw new LineTooLongError(maxBytes);
        yield decodeLine([...pending, piece.subarray(0, room)]);
        rest = rest.subarray(room);
        pending = [];
        pendingBytes = 0;
        continue;
      }
      pending.push(piece);
      pendingBytes += piece.length;
      if (end < 0) break;
      yield decodeLine(pending);
      rest = rest.subarray(end + 1);
      pending = [];
      pendingBytes = 0;
    }
  }
  if (pendingBytes > 0) yield decodeLine(pending);
}

function decodeLine(pieces: readonly Uint8Array[]): string {
  return decoder.decode(concat(pieces)).replace(/\r$/, "");
}
