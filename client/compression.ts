import { orAborted } from "../base/mod.ts";
import {
  type Compression,
  COMPRESSIONS,
  MessageReader,
  ProtocolError,
  type WantedCompression,
} from "../protocol/mod.ts";
import { BlockSink, BlockSource } from "../transfer/mod.ts";
import type { Exchange, StreamOpener } from "./exchange.ts";
import type { TransferMeter } from "./transfer_meter.ts";

/** Is told what compresses, or decompresses. */
type CodingMeter = Pick<TransferMeter, "compresses">;

/** How a file's bytes are sent. */
export interface OutgoingBytes {
  /** What the request says of it. */
  readonly said: { compression?: Compression };
  /**
   * What to send them to, instead of what goes behind the request.
   *
   * @param length How many they are in all, if that is known.
   */
  sinkOf(sink: Exchange["sink"], meter: CodingMeter, length?: number): Exchange["sink"];
}

/** For what is shorter, in bytes, a round trip is more than compressing can save. */
const WAITED_FOR = 4 * 1024 * 1024;

/**
 * How bytes are sent on a connection: compressed only to a server that has said that it takes them so, for
 * whose answer to the greeting this waits, unless there are few of them, which need not be compressed.
 *
 * @param length How many they are; many, if that is not known.
 */
export async function outgoingBytes(
  { compressing }: Pick<StreamOpener, "compressing">,
  signal: AbortSignal | undefined,
  length = Infinity,
): Promise<OutgoingBytes> {
  const asTheyAre: OutgoingBytes = { said: {}, sinkOf: (sink) => sink };
  if (compressing?.pays() !== true) return asTheyAre;
  const waits = compressing.mode === "zstd" || length >= WAITED_FOR;
  const greeted = waits ? compressing.greeted : ifThere(compressing.greeted);
  const hello = await orAborted(greeted, signal);
  const takes = hello?.compressions?.includes(COMPRESSIONS[0]) === true;
  // More is known of the path than before.
  if (!takes || !compressing.pays()) return asTheyAre;
  const { mode, tasks } = compressing;
  return {
    said: { compression: COMPRESSIONS[0] },
    sinkOf(sink, meter, length) {
      const known = length === undefined ? {} : { length };
      const blocks = new BlockSink(sink, { tasks, mode, ...known });
      meter.compresses(blocks);
      return blocks;
    },
  };
}

/** What a promise has been resolved with already; `undefined` if it has not. */
function ifThere<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  return Promise.race([promise, Promise.resolve(undefined)]);
}

/** What a request says of how it wants a file's bytes; an older server ignores it. */
export function wantedBytes(
  { compressing }: Pick<StreamOpener, "compressing">,
): { compression?: WantedCompression } {
  return compressing?.pays() === true ? { compression: compressing.mode } : {};
}

/**
 * Where the bytes of an answer are read from, as they were before they were compressed.
 *
 * @throws {ProtocolError} `bad-body`: they come compressed, and were not asked for so.
 */
export function incomingBytes(
  { compressing }: Pick<StreamOpener, "compressing">,
  reader: MessageReader,
  { compression }: { compression?: Compression },
  meter: CodingMeter,
): MessageReader {
  if (compression === undefined) return reader;
  if (compressing === undefined) {
    throw new ProtocolError("bad-body", "Server has compressed what it was not asked to compress");
  }
  const blocks = new BlockSource(reader, compressing.tasks);
  meter.compresses(blocks);
  return new MessageReader(blocks);
}
