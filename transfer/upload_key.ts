import { createHash } from "node:crypto";

/** What makes an upload the same as an earlier one. */
export interface UploadSubject {
  /** The client's own name for it. */
  id: string;
  /** What the file is to be called. */
  name: string;
  /** In bytes. */
  size: number;
}

/** A name for an upload that can be a part of a file name: nothing of what the client says is in it. */
export function uploadKey({ id, name, size }: UploadSubject): string {
  const hash = createHash("sha256").update(JSON.stringify([id, name, size]));
  return hash.digest("hex").slice(0, 32);
}

/** In whose name an upload is staged; see `StagedFile.create`. */
export function stagedAs(key: string): string {
  return `put-${key}`;
}

/** Whether a file name is that of a staged upload with an id. */
export function isUploadName(name: string): boolean {
  return /^put-[0-9a-f]{32}-[0-9a-f-]{36}\.part$/.test(name);
}
