import { StreamStatistics } from "./abi/mod.ts";
import type { Handle } from "./handle.ts";
import { allocStruct } from "./native_memory.ts";

/** For how long a stream's bytes have had to wait so far, by reason, in milliseconds. */
export interface BlockedTimes {
  /** For the congestion controller, its pacing, or other streams of the connection. */
  networkMs: number;
  /** For the peer's credit (RFC 9000 section 4), of the stream or of the connection. */
  flowControlMs: number;
  /** When the peer had acknowledged everything, by `performance.now()`; missing before. */
  acknowledgedAt?: number;
}

/** Whose times they are. */
interface Watched {
  /** -1 until it has started: before, MsQuic knows nothing of it. */
  readonly id: number;
  /** For how long it has had bytes for which there was no room on the path, in milliseconds. */
  readonly heldMs: number;
}

/** Keeps what a stream had to wait for, also when MsQuic does not know it any more. */
export class BlockedWatch {
  readonly #handle: Handle;
  readonly #stream: Watched;
  #last: BlockedTimes | undefined;

  constructor(handle: Handle, stream: Watched) {
    this.#handle = handle;
    this.#stream = stream;
  }

  /** What is known last. */
  get times(): BlockedTimes | undefined {
    const known = this.#handle.open && this.#stream.id >= 0;
    if (known && this.#last?.acknowledgedAt === undefined) {
      const times = readBlockedTimes(this.#handle);
      // What is held back is held back for both.
      times.networkMs = Math.max(times.networkMs, this.#stream.heldMs - times.flowControlMs);
      this.#last = times;
    }
    return this.#last;
  }

  /** The peer has acknowledged everything. */
  acknowledged(): void {
    const { times } = this;
    if (times !== undefined) times.acknowledgedAt ??= performance.now();
  }
}

/** Where MsQuic writes them; read at once, before anybody else asks. */
const struct = allocStruct(StreamStatistics.size);

/** Reads `QUIC_STREAM_STATISTICS` of a stream. */
function readBlockedTimes(stream: Handle): BlockedTimes {
  stream.getParam("STREAM_STATISTICS", struct);
  const ms = (...fields: number[]) =>
    fields.reduce((sum, field) => sum + Number(struct.getBigUint64(field, true)), 0) / 1000;
  return {
    networkMs: ms(
      StreamStatistics.ConnBlockedBySchedulingUs,
      StreamStatistics.ConnBlockedByPacingUs,
      StreamStatistics.ConnBlockedByAmplificationProtUs,
      StreamStatistics.ConnBlockedByCongestionControlUs,
    ),
    flowControlMs: ms(
      StreamStatistics.ConnBlockedByFlowControlUs,
      StreamStatistics.StreamBlockedByIdFlowControlUs,
      StreamStatistics.StreamBlockedByFlowControlUs,
    ),
  };
}
