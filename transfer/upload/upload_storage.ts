import type { StorageRoot } from "../storage/storage_root.ts";
import type { GivenUpUpload } from "./kept_uploads.ts";
import type { TryLock } from "./take_over.ts";

/** Where uploads with an id are stored. */
export interface UploadStorage extends StorageRoot {
  /** Without it, nothing is kept of an upload that was interrupted. */
  readonly tryLock?: TryLock;
  /**
   * Whether this process did not run for a while until a moment ago, so that what it reads may have come
   * long ago, and have been stored by others since.
   */
  readonly wasStopped?: () => boolean;
  /** Is told that an upload was interrupted, and what was received of it is kept. */
  readonly onKept?: () => void;
  /** Is told that what was kept of an upload is removed, since its room was needed. */
  readonly onGivenUp?: (upload: GivenUpUpload) => void;
}
