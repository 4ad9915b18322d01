/** Nothing has the name. */
export class FileNotFoundError extends Error {
  override readonly name = "FileNotFoundError";
  readonly code = "not-found";
}

/** The name belongs to a file already, and it is not to be replaced. */
export class FileExistsError extends Error {
  override readonly name = "FileExistsError";
  readonly code = "file-exists";
}

/** The name belongs to a directory, a device, or the like. */
export class NotAFileError extends Error {
  override readonly name = "NotAFileError";
  readonly code = "not-a-file";
}

/** The operating system does not allow it, or a symbolic link is in the way. */
export class FilePermissionError extends Error {
  override readonly name = "FilePermissionError";
  readonly code = "permission-denied";
}

/** The disk, or the user's share of it, is full. */
export class NoSpaceError extends Error {
  override readonly name = "NoSpaceError";
  readonly code = "no-space";
}

/** A file became shorter while it was being sent. */
export class SizeChangedError extends Error {
  override readonly name = "SizeChangedError";
  readonly code = "size-changed";
}

const FULL_CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL of Windows. */
const FULL_MESSAGE = /\(os error (?:39|112)\)/;

/**
 * The operating system's error as one of ours, where there is one that fits; else as it is.
 *
 * @param action What failed, such as `Cannot open "x"`.
 */
export function fileError(cause: unknown, action: string): unknown {
  if (!(cause instanceof Error)) return cause;
  const code = "code" in cause ? cause.code : undefined;
  const full = Deno.build.os === "windows"
    ? FULL_MESSAGE.test(cause.message)
    : typeof code === "string" && FULL_CODES.has(code);
  if (full) return new NoSpaceError(`${action}: no space is left`, { cause });
  if (cause instanceof Deno.errors.NotFound || code === "ENOENT") {
    return new FileNotFoundError(`${action}: no such file or directory`, { cause });
  }
  if (code === "ELOOP") {
    return new FilePermissionError(`${action}: it has a symbolic link`, { cause });
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
  if (cause instanceof Deno.errors.IsADirectory || code === "EISDIR") {
    return new NotAFileError(`${action}: it is a directory`, { cause });
  }
  return cause;
}
