import { InvalidOptionError } from "../base/mod.ts";
import { isUploadId } from "../protocol/mod.ts";

/** A new id for an upload, which nobody can guess. */
export function newUploadId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** @throws {InvalidOptionError} It is none. */
export function checkUploadId(id: string): void {
  if (isUploadId(id)) return;
  throw new InvalidOptionError("The id of an upload must be 32 lower-case hexadecimal digits");
}
