import { createHash } from "node:crypto";

/** What makes an upload the same as an earlier one. */
export interface UploadSubject {
  /** The client's own name for it: with it, a repetition is known. */
  id: string;
  /** The client's own name for what is kept of it if it is interrupted; by default, `id`. */
  part?: string;
  /** What the file is to be called. */
  name: string;
  /** In bytes. */
  size: number;
}

/** What the name of a staged file ends with. */
const STAGED = ".part";

/** Under which an upload's receipt is found. Nothing that the client says is in it as it is. */
export function receiptKey({ id, name, size }: UploadSubject): string {
  return keyOf(id, name, size);
}

/** In whose name an upload is staged; see `StagedFile.create`. Can be a part of a file name. */
export function stagedAs(subject: UploadSubject): string {
  return `put-${uploadIdOf(subject)}`;
}

/** By which an upload is known to the operator: 32 hexadecimal digits, the same while it goes on. */
export function uploadIdOf({ id, part = id, name, size }: UploadSubject): string {
  return keyOf(part, name, size);
}

/** Whether a file name is that of a staged upload with an id. */
export function isUploadName(name: string): boolean {
  return /^put-[0-9a-f]{32}-[0-9a-f-]{36}\.part$/.test(name);
}

/** In whose name a file is staged, by its own name; `undefined` if it is no upload with an id. */
export function uploadOwnerOf(fileName: string): string | undefined {
  return isUploadName(fileName) ? fileName.slice(0, "put-".length + 32) : undefined;
}

/** Whether a name in the staging directory is that of a file, and not of what is noted of one. */
export function isStagedFile(name: string): boolean {
  return name.endsWith(STAGED);
}

/** By which it is written down what a staged file is. */
export function noteKeyOf(fileName: string): string {
  return uploadOwnerOf(fileName) ?? fileName.slice(0, -STAGED.length);
}

function keyOf(...values: (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 32);
}
