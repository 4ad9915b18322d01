/**
 * Moving one file's bytes between a disk and a stream, and keeping files under their names; used by both
 * client and server.
 *
 * @module
 */
export type { ByteSink } from "./byte_sink.ts";
export type { TransferTimes } from "./transfer_times.ts";
export { BlockSink, type BlockSinkOptions } from "./compression/block_sink.ts";
export { BlockSource } from "./compression/block_source.ts";
export { canCompress } from "./compression/can_compress.ts";
export {
  makeDirectories,
  removeEmptyDirectories,
  removeEmptyDirectory,
} from "./storage/directories.ts";
export {
  DamagedFileError,
  DirectoryNotEmptyError,
  fileError,
  FileExistsError,
  FileFailedError,
  FileInUseError,
  FileNotFoundError,
  FilePermissionError,
  fileTooLarge,
  FileTooLargeError,
  IsADirectoryError,
  NoSpaceError,
  NotADirectoryError,
  NotAFileError,
  NotNewerError,
  OtherFileSystemError,
  SizeChangedError,
  spaceError,
  storageError,
  StorageUnavailableError,
  SymbolicLinkError,
  unavailableError,
} from "./errors.ts";
export { flushBelow } from "./storage/flush.ts";
export { removeCopies } from "./storage/copy_beside.ts";
export { DiskStorage } from "./disk/disk_storage.ts";
export type { DiskRoot } from "./disk/disk_upload.ts";
export type {
  ChunkedRequest,
  ChunksWriter,
  FileAtOnce,
  FileStorage,
  FileTarget,
  IncomingChunks,
  IncomingFile,
  IncomingRoom,
  NamedUpload,
  OpenedFile,
  SmallFileBatch,
  TargetRequest,
  UploadIdentity,
  UploadRenames,
} from "./storage/file_storage.ts";
export type { ReadableFile, WritableFile } from "./storage/open_file.ts";
export { findUpload } from "./upload/find_upload.ts";
export {
  type GivenUpUpload,
  type KeptLimits,
  type KeptUpload,
  listKept,
  removeKept,
  trimKept,
} from "./upload/kept_uploads.ts";
export { boundStream, reserveRoom } from "./upload/reserve_room.ts";
export { readNote, removeOldNotes, type UploadNote } from "./upload/upload_notes.ts";
export { ChunkJournal } from "./chunks/chunk_journal.ts";
export { ChunkLevels } from "./chunks/chunk_levels.ts";
export { ChunkWork } from "./chunks/chunk_work.ts";
export { Chunks, hasChunks } from "./chunks/chunks.ts";
export { PositionedFile, PositionedReader } from "./chunks/positioned_file.ts";
export { PrefixHasher } from "./chunks/prefix_hasher.ts";
export { type ChunkWitness, verifyChunks } from "./chunks/verify_chunks.ts";
export { type ChunkWrite, writeChunk } from "./chunks/write_chunk.ts";
export { hashInSlices } from "./hash_in_slices.ts";
export { type FileStart, hashPrefix, type HashPrefixOptions } from "./hash_prefix.ts";
export { Gate } from "./gate.ts";
export { holdStorage } from "./storage/held_root.ts";
export { canNoteStorers } from "./storage/storer_note.ts";
export { Usage } from "./storage/usage.ts";
export { Pace } from "./storage/pace.ts";
export type { Place } from "./storage/place.ts";
export { storedPlace } from "./storage/stored_place.ts";
export { checkTarget } from "./upload/publish_file.ts";
export { findPublished } from "./upload/published.ts";
export { UploadPlaces } from "./upload/upload_places.ts";
export { receiveFile, type ReceiveFileOptions, receivePieces } from "./upload/receive_file.ts";
export {
  SendBudget,
  type SendBudgetOptions,
  type SendLender,
  SendTurn,
} from "./download/send_budget.ts";
export { PlacedAtOnce } from "./download/place_at_once.ts";
export { readAtOnce } from "./download/read_at_once.ts";
export { SendWindow } from "./download/send_window.ts";
export { rangeWindow, sendOnlyRange, sendRange } from "./download/send_range.ts";
export { checkStored, sendFile, type SendFileOptions } from "./download/send_file.ts";
export { type PublishOptions, StagedFile } from "./upload/staged_file.ts";
export { isStagedName, removeLeftovers } from "./storage/staged_names.ts";
export {
  holdsFile,
  openFile,
  removeDirectory,
  removeFile,
  statFile,
} from "./storage/storage_files.ts";
export { makeStored } from "./storage/make_stored.ts";
export { moveStored } from "./upload/move_stored.ts";
export { sumStored } from "./storage/sum_stored.ts";
export { Listings, type ListReader } from "./storage/listings.ts";
export { listFiles, type ListOptions, walkOf } from "./storage/storage_list.ts";
export { roomOf } from "./storage/space_account.ts";
export type { RootMark } from "./storage/root_mark.ts";
export { openStorageRoot, type StorageRoot } from "./storage/storage_root.ts";
export { SmallFiles } from "./upload/small_files.ts";
export { SMALL_SIZE, storeAtOnce } from "./upload/store_at_once.ts";
export { removeOldUploads } from "./upload/old_uploads.ts";
export { removeOldReceipts } from "./upload/receipts.ts";
export { isNamed, sizeOf, type TryLock } from "./upload/take_over.ts";
export { lockUpload, RECEIVER_LOCK_OFFSET } from "./upload/upload_lock.ts";
export { RESUMABLE_SIZE } from "./upload/resumable_size.ts";
export { Upload, type UploadRequest } from "./upload/upload.ts";
export type { UploadStorage } from "./upload/upload_storage.ts";
export { uploadIdOf, type UploadSubject } from "./upload/upload_key.ts";
