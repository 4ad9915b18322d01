import type { NetworkPath, TransferLimit } from "./transfer_limit.ts";
import type { Verification } from "./verification.ts";
import type { MeterResult } from "./transfer_meter.ts";

/** How the transfer of one file went; what `put --json` and `get --json` print. */
export interface TransferResult extends Moved {
  /** The server, as `HOST:PORT`. */
  server: string;
}

/** How the transfer of one file went, from the point of view of a connection. */
export interface Moved {
  /** Name on the server. */
  name: string;
  /** What was asked for, where the server has given it another name. */
  renamedFrom?: string;
  /** Size of the file. */
  bytes: number;
  /**
   * Bytes of it that went over the wire this time: fewer than were missing where they were compressed. Not there
   * where it shared a stream with other files.
   */
  wireBytes?: number;
  /** Of the file's bytes, as 64 lower-case hexadecimal digits; where `verified` is there, as the server says. */
  sha256: string;
  /** What was compared, where that was less than the bytes' SHA-256. */
  verified?: Exclude<Verification, "sha256">;
  /** Duration in milliseconds. */
  ms: number;
  /** Bytes that an earlier attempt had moved. */
  resumedFrom: number;
  /** Streams that were used side by side. */
  streams: number;
  /** What has held it up, as far as this side can see; see {@linkcode TransferLimit}. */
  limitedBy: TransferLimit;
  /** What is known of the path at its end; missing where the connection is over by then. */
  network?: NetworkPath;
  /** The local file was changed meanwhile: what is stored is what it was at one moment. */
  changed?: true;
}

/** A transfer on one stream, from the first byte that was missing to the last. */
export function transferResult(
  name: string,
  bytes: number,
  sha256: string,
  ms: number,
  meter: { result(bytes: number): Omit<MeterResult, "wireBytes"> & { wireBytes?: number } },
  resumedFrom = 0,
): Moved {
  const limits = meter.result(bytes - resumedFrom);
  return { name, bytes, sha256, ms: Math.round(ms), resumedFrom, streams: 1, ...limits };
}

/** The same, under the name that the server has given it. */
export function stored<Result extends Moved>(result: Result, name: string): Result {
  return name === result.name ? result : { ...result, name, renamedFrom: result.name };
}
