/**
 * Moving one file's bytes between a disk and a stream, and keeping files under their names; used by both
 * client and server.
 *
 * @module
 */
export type { ByteSink } from "./byte_sink.ts";
export { makeDirectories, removeEmptyDirectories } from "./directories.ts";
export {
  fileError,
  FileExistsError,
  FileFailedError,
  FileNotFoundError,
  FilePermissionError,
  FileTooLargeError,
  IsADirectoryError,
  NoSpaceError,
  NotADirectoryError,
  NotAFileError,
  NotNewerError,
  SizeChangedError,
  spaceError,
  storageError,
  StorageUnavailableError,
  SymbolicLinkError,
  unavailableError,
} from "./errors.ts";
export { removeCopies } from "./copy_beside.ts";
export { findUpload } from "./find_upload.ts";
export {
  type KeptLimits,
  type KeptUpload,
  listKept,
  removeKept,
  trimKept,
} from "./kept_uploads.ts";
export { reserveRoom } from "./reserve_room.ts";
export { readNote, removeOldNotes, type UploadNote } from "./upload_notes.ts";
export { type FileStart, hashPrefix, type HashPrefixOptions } from "./hash_prefix.ts";
export { holdStorage } from "./held_root.ts";
export { type Place, storedPlace } from "./place.ts";
export { checkTarget } from "./publish_file.ts";
export { findPublished } from "./published.ts";
export { receiveFile, type ReceiveFileOptions } from "./receive_file.ts";
export { SendBudget, type SendBudgetOptions, type SendLender, SendTurn } from "./send_budget.ts";
export { sendFile, type SendFileOptions } from "./send_file.ts";
export { type PublishOptions, StagedFile } from "./staged_file.ts";
export { removeIfThere, removeLeftovers } from "./staged_names.ts";
export { type OpenedFile, openFile, removeFile, statFile } from "./storage_files.ts";
export { Listings, type ListReader } from "./listings.ts";
export { listFiles, type ListOptions, walkOf } from "./storage_list.ts";
export type { RootMark } from "./root_mark.ts";
export { openStorageRoot, stagingIn, type StorageRoot } from "./storage_root.ts";
export { SMALL_SIZE, storeAtOnce } from "./store_at_once.ts";
export { removeOldUploads } from "./old_uploads.ts";
export { removeOldReceipts } from "./receipts.ts";
export { sizeOf, type TryLock } from "./take_over.ts";
export { lockUpload } from "./upload_lock.ts";
export { RESUMABLE_SIZE, Upload, type UploadRequest, type UploadStorage } from "./upload.ts";
export type { UploadSubject } from "./upload_key.ts";
