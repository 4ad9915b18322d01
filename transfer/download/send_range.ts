import { ApplicationError } from "../../protocol/application_errors.ts";
import type { ByteSink } from "../byte_sink.ts";
import type { PositionedReader } from "../chunks/positioned_file.ts";
import { SizeChangedError } from "../errors.ts";
import { GENEROUS, type SendLender } from "./send_budget.ts";
import { SendWindow } from "./send_window.ts";

/** Bytes that are read and sent at a time. */
const BLOCK_LENGTH = 1024 * 1024;

/** Blocks that may be in flight at least, and at most; see `sendFile`. */
const FEW_BLOCKS = 4;
const MANY_BLOCKS = 64;

/** The window of one who sends ranges, one behind the other. */
export function rangeWindow(sink: ByteSink, lender: SendLender = GENEROUS): SendWindow {
  return new SendWindow(sink, {
    fewest: FEW_BLOCKS,
    most: MANY_BLOCKS,
    length: BLOCK_LENGTH,
    lender,
  });
}

/** Which bytes {@linkcode sendRange} sends. */
export interface SendRange {
  readonly file: PositionedReader;
  /** Where they begin. */
  readonly offset: number;
  /** How many they are. */
  readonly length: number;
  /** Is told how many bytes the window has sent in all. */
  readonly onSent?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a part of a file, and nothing behind it: what is in flight when it returns is the window's.
 *
 * @throws {SizeChangedError} The file ends before.
 * @throws What sending throws, of several errors the first.
 */
export async function sendRange(window: SendWindow, range: SendRange): Promise<void> {
  const { file, offset, length, onSent = () => {}, signal } = range;
  const end = offset + length;
  for (let position = offset; position < end;) {
    const taken = window.take();
    const buffer = taken instanceof Promise ? await taken : taken;
    signal?.throwIfAborted();
    const block = buffer.subarray(0, Math.min(end - position, buffer.length));
    const count = await file.readAt(block, position);
    signal?.throwIfAborted();
    if (count < block.length) {
      throw new SizeChangedError(
        `File became shorter while it was sent: ${position + count} bytes instead of ${end}`,
      );
    }
    position += count;
    window.send(block, onSent);
  }
}

/**
 * Sends a part of a file as all that a stream has, but for its end; see {@linkcode sendRange}. If the file fails, the sink is
 * aborted as `abandoned`.
 */
export async function sendOnlyRange(
  sink: ByteSink,
  range: SendRange,
  lender?: SendLender,
): Promise<void> {
  const window = rangeWindow(sink, lender);
  try {
    await sendRange(window, range);
    await window.settle();
  } catch (error) {
    if (!window.failed && range.signal?.aborted !== true) {
      sink.abort?.(ApplicationError.abandoned);
    }
    await window.settle().catch(() => {});
    throw error;
  }
}
