import type { OptionNames } from "../base/mod.ts";
import type { OverwritePolicy } from "../protocol/mod.ts";
import type { RequestOptions } from "./exchange.ts";
import type { TransferResult } from "./transfer_result.ts";
import type { Verification } from "./verification.ts";

/** What `get` takes. */
export interface GetOptions extends RequestOptions {
  /** What becomes of a file that is at the destination already; `never`, the default, keeps it. */
  overwrite?: OverwritePolicy;
  /** Is told how many bytes have been received so far, of how many. */
  onProgress?: (bytes: number, total: number) => void;
  /**
   * Whether what was received of a file stays beside the destination when it is interrupted, and is gone
   * on with by a later call; not by default.
   */
  resume?: boolean;
  /**
   * Over how many connections a file of more than 8 MiB is fetched, from 1 to 16: to several ports of the
   * server's, if it has several. By default 1.
   */
  streams?: number;
  /** What is compared when the file has been received; its SHA-256 by default. */
  verify?: Verification;
  /** With `resume`: is told what stays of the file when an attempt fails, which is gone on with later. */
  onKept?: (kept: KeptPart) => void;
}

/** What is kept of a file that was not fetched as a whole. */
export interface KeptPart {
  /** Absolute path of the hidden file that has it. */
  path: string;
  bytes: number;
}

/** Their names, to find what is none. */
export const GET_OPTION_NAMES: OptionNames<GetOptions> = {
  overwrite: true,
  onKept: true,
  onProgress: true,
  resume: true,
  signal: true,
  streams: true,
  verify: true,
};

/** How a `get` went. */
export interface GetResult extends TransferResult {
  /** Absolute path of the file that was written. */
  path: string;
}
