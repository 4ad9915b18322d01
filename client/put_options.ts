import type { OptionNames } from "../base/mod.ts";
import type { OverwritePolicy } from "../protocol/mod.ts";
import type { RequestOptions } from "./exchange.ts";
import type { TransferResult } from "./transfer_result.ts";
import type { Verification } from "./verification.ts";

/** What `put` takes. */
export interface PutOptions extends RequestOptions {
  /** What becomes of a file that has the name already; `never`, the default, keeps it. */
  overwrite?: OverwritePolicy;
  /** Is told how many bytes have been sent so far, those of earlier attempts included. */
  onProgress?: (bytes: number) => void;
  /**
   * A name for this upload, 32 lower-case hexadecimal digits that nobody else can guess. Where an attempt
   * was interrupted, another one with the same id, name and content goes on, at any server with the same
   * storage. Made up by default.
   */
  id?: string;
  /** Whether there may have been an attempt with this id before; by default, if an id is given. */
  repeated?: boolean;
  /**
   * A name, of the same kind, for what the server keeps of this upload if it is interrupted. With it, an
   * upload goes on from what another one with the same `part`, name and size has left, and which may have
   * been interrupted together with the program. Unlike after the same `id`, what that one has stored as a
   * whole does not count: the file is stored again.
   */
  part?: string;
  /** What is compared when a file of more than 64 KiB has been sent; its SHA-256 by default. */
  verify?: Verification;
  /**
   * Over how many connections a local file of more than 8 MiB is sent, from 1 to 16: to several ports of the
   * server's, if it has several. By default 1.
   */
  streams?: number;
}

/** Their names. */
export const PUT_OPTION_NAMES: OptionNames<PutOptions> = {
  overwrite: true,
  onProgress: true,
  id: true,
  repeated: true,
  part: true,
  signal: true,
  verify: true,
  streams: true,
};

/** How a `put` went. */
export type PutResult = TransferResult;
