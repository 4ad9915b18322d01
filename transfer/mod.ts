/**
 * Moving one file's bytes between a disk and a stream, and keeping files under their names; used by both
 * client and server.
 *
 * @module
 */
export type { ByteSink } from "./byte_sink.ts";
export {
  fileError,
  FileExistsError,
  FileNotFoundError,
  FilePermissionError,
  NoSpaceError,
  NotAFileError,
  SizeChangedError,
} from "./errors.ts";
export { checkTarget } from "./publish_file.ts";
export { receiveFile, type ReceiveFileOptions } from "./receive_file.ts";
export { sendFile, type SendFileOptions } from "./send_file.ts";
export { type PublishOptions, removeLeftovers, StagedFile } from "./staged_file.ts";
export { type OpenedFile, openFile, removeFile, statFile } from "./storage_files.ts";
export { listFiles } from "./storage_list.ts";
export {
  openStorageRoot,
  type ResolvedName,
  resolveName,
  type StorageRoot,
} from "./storage_root.ts";
