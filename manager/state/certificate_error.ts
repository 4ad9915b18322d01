import { CodedError } from "../../base/mod.ts";

/** A certificate, or its key, cannot be used. */
export class CertificateError extends CodedError {
  readonly code = "bad-certificate";

  /** @param advice What to do about it. */
  constructor(file: string, reason: string, advice: string) {
    super(`Cannot use certificate "${file}": ${reason}; ${advice}`);
  }
}
