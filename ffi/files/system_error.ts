import { CodedErrorOf, systemReason } from "../../base/mod.ts";
import { errno } from "../libraries/libc.ts";
import { systemErrorName } from "../libraries/system_error_name.ts";

/** A system call has failed; its code is the system's, such as `ENOENT`. */
export class SystemError extends CodedErrorOf<string> {
  constructor(code: string, path: string) {
    super(code, `Cannot open "${path}": ${systemReason(code)}`);
  }
}

/** Why a call of the C library about a path has just failed. */
export function failure(path: string, code: number = errno()): SystemError {
  return new SystemError(systemErrorName(code), path);
}
