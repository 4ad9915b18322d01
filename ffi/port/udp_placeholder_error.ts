import { CodedError, systemReason } from "../../base/mod.ts";

/** A UDP port could not be held, for another reason than that somebody has it. */
export class UdpPlaceholderError extends CodedError {
  readonly code = "udp-placeholder-failed";
  /** What the system says, `EACCES` for example. */
  readonly reason: string;

  constructor(port: number, reason: string) {
    super(`Cannot hold UDP port ${port}: ${systemReason(reason)}`);
    this.reason = reason;
  }
}
