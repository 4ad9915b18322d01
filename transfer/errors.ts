import { constants } from "node:os";
import { CodedError, systemReason } from "../base/mod.ts";
import { formatBytes } from "../base/format_bytes.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { isFull, systemErrorNumber } from "./storage/system_error.ts";

/** Nothing has the name. */
export class FileNotFoundError extends CodedError {
  readonly code = "not-found";
}

/** The name belongs to a file already, and it is not to be replaced. */
export class FileExistsError extends CodedError {
  readonly code: "file-exists" | "not-newer" = "file-exists";
}

/** The file that has the name is to be replaced by a newer one only, and this one is not. */
export class NotNewerError extends FileExistsError {
  override readonly code = "not-newer";
}

/** The name belongs to a device, a pipe, or the like. */
export class NotAFileError extends CodedError {
  readonly code: string = "not-a-file";
}

/** The name belongs to a directory. */
export class IsADirectoryError extends NotAFileError {
  override readonly code = "is-a-directory";
}

/** The directory is to be removed only if it is empty, and it is not. */
export class DirectoryNotEmptyError extends CodedError {
  readonly code = "not-empty";
}

/** A directory is to be moved to another file system, which no single step does. */
export class OtherFileSystemError extends CodedError {
  readonly code = "other-file-system";
}

/** A part of the path before its last is a file, where a directory would have to be. */
export class NotADirectoryError extends CodedError {
  readonly code = "not-a-directory";
}

/** The operating system does not allow it. */
export class FilePermissionError extends CodedError {
  readonly code = "permission-denied";
}

/** The disk, or the user's share of it, is full. */
export class NoSpaceError extends CodedError {
  readonly code = "no-space";
  /** How many bytes there would have to be more of, where that is known. */
  readonly missingBytes: number | undefined;

  constructor(message: string, options: ErrorOptions & { missingBytes?: number } = {}) {
    const { missingBytes, ...others } = options;
    super(message, others);
    this.missingBytes = missingBytes;
  }
}

/** A file would become larger than the system lets this process, or this file system, have one. */
export class FileTooLargeError extends CodedError {
  readonly code = "file-too-large";
}

/** Something is mounted on the file, or, on Windows, a program has it open. */
export class FileInUseError extends CodedError {
  readonly code = "file-in-use";
}

/** A symbolic link is where the name leads to or through; links are not followed. */
export class SymbolicLinkError extends CodedError {
  readonly code = "symbolic-link";
}

/** The operating system reports an error that is none of the others. */
export class FileFailedError extends CodedError {
  readonly code = "file-failed";
}

/** The storage is not there, or does not answer as it should. */
export class StorageUnavailableError extends CodedError {
  readonly code = "storage-unavailable";
}

/** A file became shorter while it was being sent. */
export class SizeChangedError extends CodedError {
  readonly code = "size-changed";
}

/** A file's bytes are not those that were stored, although its size and time are: its disk has changed them. */
export class DamagedFileError extends CodedError {
  readonly code = "damaged";
}

/** What says nothing of the file that was asked for: a moment later, all may be well. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENODEV",
  "ENOMEM",
  "ENOTCONN",
  "ENXIO",
  "ESTALE",
  "ETIMEDOUT",
]);

const windows = Deno.build.os === "windows";
const { EFBIG } = constants.errno;

/** On Windows ERROR_FILE_TOO_LARGE. */
const TOO_LARGE = windows ? 223 : EFBIG;

/**
 * That the disk is full, or the file as large as it may be, as an error of ours; `undefined` for another
 * error.
 *
 * @param action What failed, such as `Cannot open "x"`.
 */
export function spaceError(
  cause: unknown,
  action: string,
): NoSpaceError | FileTooLargeError | undefined {
  const number = systemErrorNumber(cause);
  if (number === undefined) return undefined;
  if (isFull(cause)) return new NoSpaceError(`${action}: no space is left`, { cause });
  if (number === TOO_LARGE) return fileTooLarge(action, { cause });
}

/** That a file would be larger than one may be here. */
export function fileTooLarge(action: string, options: ErrorOptions = {}): FileTooLargeError {
  return new FileTooLargeError(
    `${action}: it would be larger than a file may be here (ulimit -f, or the file system)`,
    options,
  );
}

/**
 * That a file does not fit on the server's disk. Said as it is to the client, which has to know how much is
 * missing.
 */
export function noRoom(size: number, missing: number): ProtocolError {
  return new ProtocolError(
    "no-space",
    `A file of ${formatBytes(size)} does not fit on the server's disk: ${
      formatBytes(missing)
    } missing`,
    { missingBytes: missing },
  );
}

/**
 * The operating system's error as one of ours; what else was thrown as it is.
 *
 * @param action What failed, such as `Cannot open "x"`.
 */
export function fileError(cause: unknown, action: string): unknown {
  if (!(cause instanceof Error)) return cause;
  const code = "code" in cause ? cause.code : undefined;
  const full = spaceError(cause, action);
  if (full !== undefined) return full;
  if (cause instanceof Deno.errors.NotFound || code === "ENOENT") {
    return new FileNotFoundError(`${action}: no such file or directory`, { cause });
  }
  if (code === "ELOOP") {
    return new SymbolicLinkError(
      `${action}: it leads to or through a symbolic link, which is not followed`,
      { cause },
    );
  }
  if (
    cause instanceof Deno.errors.PermissionDenied || code === "EROFS" || code === "EACCES" ||
    code === "EPERM"
  ) {
    return new FilePermissionError(`${action}: the operating system does not allow it`, { cause });
  }
  if (cause instanceof Deno.errors.NotADirectory || code === "ENOTDIR") {
    return new FileNotFoundError(`${action}: a part of its path is a file`, { cause });
  }
  if (cause instanceof Deno.errors.Busy || code === "EBUSY") {
    return new FileInUseError(`${action}: it is in use`, { cause });
  }
  if (cause instanceof Deno.errors.IsADirectory || code === "EISDIR") {
    return new IsADirectoryError(`${action}: it is a directory`, { cause });
  }
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return cause;
  return new FileFailedError(`${action}: ${systemReason(cause)}`, { cause });
}

/**
 * That the storage does not answer as it should, as an error of ours; `undefined` for another error.
 *
 * @param action What failed, such as `Cannot open "x"`.
 */
export function unavailableError(
  cause: unknown,
  action: string,
): StorageUnavailableError | undefined {
  const failure = cause instanceof FileFailedError ? cause.cause : cause;
  const code = failure instanceof Error && "code" in failure ? failure.code : undefined;
  if (typeof code !== "string" || !UNAVAILABLE.has(code)) return undefined;
  return new StorageUnavailableError(`${action}: ${systemReason(code)}`, { cause });
}

/**
 * Does what {@linkcode fileError} does, for what is stored: what is not the file's fault is the storage's.
 *
 * @param action What failed, such as `Cannot open "x"`.
 */
export function storageError(cause: unknown, action: string): unknown {
  return unavailableError(cause, action) ?? fileError(cause, action);
}
