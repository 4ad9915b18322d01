import { type Compression, MessageReader, type WantedCompression } from "../../protocol/mod.ts";
import {
  BlockSink,
  BlockSource,
  type ByteSink,
  canCompress,
  type SendLender,
} from "../../transfer/mod.ts";
import type { HandlerContext } from "./handler.ts";

/**
 * The raw bytes of a request, as they were before they were compressed.
 *
 * @param compression How they come; `undefined`: as they are.
 */
export function decompressed(
  data: MessageReader,
  compression: Compression | undefined,
  { tasks }: Pick<HandlerContext, "tasks">,
): MessageReader {
  return compression === undefined ? data : new MessageReader(new BlockSource(data, tasks));
}

/** Where raw bytes of an answer are sent to that its client wants compressed, and what the answer says of them. */
export interface CompressedAnswer {
  readonly said: { compression?: Compression };
  /**
   * What to send them to, instead of where the answer's raw bytes go.
   *
   * @param length How many they are in all, if that is known.
   */
  sinkOf(sink: ByteSink, lender: SendLender, length?: number): ByteSink;
}

/** @param wanted What the client wants; `undefined`: bytes as they are. */
export function compressedAnswer(
  wanted: WantedCompression | undefined,
  { tasks }: Pick<HandlerContext, "tasks">,
): CompressedAnswer {
  if (wanted === undefined || !canCompress()) return { said: {}, sinkOf: (sink) => sink };
  return {
    said: { compression: "zstd" },
    sinkOf(sink, lender, length) {
      const known = length === undefined ? {} : { length };
      return new BlockSink(sink, { tasks, lender, mode: wanted, ...known });
    },
  };
}
