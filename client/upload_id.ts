import { isUploadId } from "../protocol/mod.ts";

/** A new id for an upload, which nobody can guess. */
export function newUploadId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** @throws {TypeError} It is none. */
export function checkUploadId(id: string): void {
  if (isUploadId(id)) return;
  throw new TypeError(`"${id}" cannot be the id of an upload: it takes 32 lower-case hex digits`);
}
