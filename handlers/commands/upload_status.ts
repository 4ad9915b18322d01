import { CodedError, commandLine } from "../../base/mod.ts";
import { type Schema, schemaOf } from "./schema.ts";

/** What is staged of an upload, as `uploads --json` prints it. */
export interface UploadStatus {
  /** 32 hexadecimal digits; the same for as long as an upload goes on. */
  id: string;
  /** What the file is to be called; `null` where that is not known. */
  name: string | null;
  /** How much is there, in bytes. */
  bytes: number;
  /** How large the file is to be; `null` where that is not known. */
  size: number | null;
  /** How long ago something was last written to it, in milliseconds. */
  ageMs: number;
  /** Whether a worker is receiving it. */
  active: boolean;
}

/** What the commands about uploads answer: those there are, or those that were removed. */
export interface UploadsResult {
  uploads: UploadStatus[];
}

/** Schema of {@linkcode UploadsResult}. */
export const uploadsResult: Schema<UploadsResult> = schemaOf<UploadsResult>()((v) =>
  v.object({
    uploads: v.array(v.object({
      id: v.string(),
      name: v.nullable(v.string()),
      bytes: v.number(),
      size: v.nullable(v.number()),
      ageMs: v.number(),
      active: v.boolean(),
    })),
  })
);

/** Which interrupted uploads are to be removed: by their ids, or by their age. */
export type UploadSelection = { ids: readonly string[] } | { olderThanMs: number };

/** There is no upload of that id. */
export class NoUploadError extends CodedError {
  readonly code = "no-upload";

  constructor(id: string, instance: string) {
    const list = commandLine("uploads", instance);
    super(
      `Cannot remove upload "${id}": there is none whose id begins so; to list those that there are: ${list}`,
    );
  }
}

/** The upload is being received. */
export class UploadActiveError extends CodedError {
  readonly code = "upload-active";

  constructor(id: string, instance: string) {
    const cancel = commandLine(`cancel ${id}`, instance);
    super(
      `Cannot remove upload "${id}": a worker is receiving it; wait for its end, or end it with: ${cancel}`,
    );
  }
}
