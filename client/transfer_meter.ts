import { cpuUsage } from "node:process";
import type { BlockedTimes, ConnectionStatistics } from "../ffi/mod.ts";
import type { TransferTimes } from "../transfer/mod.ts";
import type { Pacer } from "./pacer.ts";
import { limitOf, type NetworkPath, type TransferLimit } from "./transfer_limit.ts";

const NO_TIME = { user: 0, system: 0 };

/** What compresses the bytes of a transfer, or decompresses them. */
export interface Coding {
  /** How many bytes went over the wire, or have come. */
  readonly wireBytes: number;
  /** For how long everything else had to wait for it, in milliseconds. */
  readonly waitedMs: number;
}

/** Measures what one of several streams moves of a transfer. */
export class PartMeter implements Coding {
  #coding: Coding | undefined;
  /** How many bytes it has moved, as they are in the file. */
  bytes = 0;

  /** They are compressed by this, or decompressed. */
  compresses(coding: Coding): void {
    this.#coding = coding;
  }

  get wireBytes(): number {
    return this.#coding?.wireBytes ?? this.bytes;
  }

  get waitedMs(): number {
    return this.#coding?.waitedMs ?? 0;
  }
}

/** What a {@linkcode TransferMeter} comes to. */
export interface MeterResult {
  limitedBy: TransferLimit;
  /** Bytes of the file on the wire, compressed or as they are. */
  wireBytes: number;
  network?: NetworkPath;
}

/** Measures one transfer on one connection: a few numbers for each block. */
export class TransferMeter {
  readonly #start = performance.now();
  readonly #processor: ReturnType<typeof cpuUsage> | undefined;
  readonly #statistics: () => ConnectionStatistics | undefined;
  readonly #before: ConnectionStatistics | undefined;
  readonly #pacer: Pick<Pacer, "waitedMs"> | undefined;
  readonly #pacedBefore: number;
  #stream: { readonly blocked?: BlockedTimes | undefined } | undefined;
  #coding: Coding | undefined;
  #parts: { wireBytes: number; waitedMs: number } | undefined;
  readonly times: TransferTimes = { diskMs: 0, hashMs: 0, peerMs: 0 };

  /**
   * @param opener The connection that the transfer uses.
   * @param options With `small`, it moves so little that to ask for the processor's time would take a good
   * part of it, and tell nothing.
   */
  constructor(
    opener: {
      statistics?(): ConnectionStatistics | undefined;
      readonly pacer?: Pick<Pacer, "waitedMs"> | undefined;
    },
    { small = false }: { small?: boolean } = {},
  ) {
    this.#processor = small ? undefined : cpuUsage();
    this.#statistics = () => statisticsOf(opener);
    this.#before = this.#statistics();
    this.#pacer = opener.pacer;
    this.#pacedBefore = this.#pacer?.waitedMs ?? 0;
  }

  /** The bytes are sent on this stream, which has just been opened. */
  watch(stream: { readonly blocked?: BlockedTimes | undefined }): void {
    this.#stream = stream;
    void stream.blocked; // asked for now, it is known also when the stream has ended
  }

  /** The bytes are compressed by this, or decompressed. */
  compresses(coding: Coding): void {
    this.#coding = coding;
  }

  /**
   * A part of the bytes has been moved.
   *
   * @param streams How many move others meanwhile, with this one.
   */
  partMoved({ wireBytes, waitedMs }: Coding, streams: number): void {
    this.#parts ??= { wireBytes: 0, waitedMs: 0 };
    this.#parts.wireBytes += wireBytes;
    this.#parts.waitedMs += waitedMs / streams;
  }

  /**
   * What is to be told of the transfer now that it is done.
   *
   * @param bytes How many it has moved.
   */
  result(bytes: number): MeterResult {
    const now = performance.now();
    const { user, system } = this.#processor === undefined ? NO_TIME : cpuUsage(this.#processor);
    const path = pathOf(this.#before, this.#statistics());
    const blocked = this.#stream?.blocked;
    const coding = this.#parts ?? this.#coding;
    const limitedBy = limitOf({
      ms: now - this.#start,
      bytes,
      processorMs: (user + system) / 1000,
      times: this.times,
      blocked,
      rateMs: (this.#pacer?.waitedMs ?? 0) - this.#pacedBefore,
      answerMs: now - (blocked?.acknowledgedAt ?? now),
      compressionMs: coding?.waitedMs ?? 0,
      path,
    });
    const wireBytes = coding?.wireBytes ?? bytes;
    return { limitedBy, wireBytes, ...(path === undefined ? {} : { network: path }) };
  }

  /** The same of one of several files that are sent together: how much of what went over the wire was its is not known. */
  resultOfOne(bytes: number): Omit<MeterResult, "wireBytes"> {
    const { wireBytes: _ofAll, ...result } = this.result(bytes);
    return result;
  }
}

/** @returns `undefined` where there are none, or no connection any more. */
function statisticsOf(
  opener: { statistics?(): ConnectionStatistics | undefined },
): ConnectionStatistics | undefined {
  try {
    return opener.statistics?.();
  } catch {
    return undefined; // the connection is over
  }
}

function pathOf(
  before: ConnectionStatistics | undefined,
  after: ConnectionStatistics | undefined,
): NetworkPath | undefined {
  if (before === undefined || after === undefined) return undefined;
  const sent = after.packetsSent - before.packetsSent;
  const lost = after.packetsLost - before.packetsLost;
  return {
    rttMs: after.rttUs / 1000,
    minRttMs: after.minRttUs / 1000,
    packetsSent: sent,
    packetsLost: Math.max(0, lost),
    congestionWindow: after.congestionWindow,
    mtu: after.pathMtu,
  };
}
