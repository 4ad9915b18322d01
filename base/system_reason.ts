/** Why the system refuses something that has to do with a file, by the code of the error. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or directory",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would become too large",
  EEXIST: "something of that name is there already",
  ENOTDIR: "a part of the path is a file, not a directory",
  EISDIR: "it is a directory, not a file",
  ENOTEMPTY: "the directory is not empty",
  ELOOP: "it is a symbolic link, or leads through too many of them",
  ENAMETOOLONG: "a name in it is too long",
  EMFILE: "this process has too many files open",
  ENFILE: "this machine has too many files open",
  ENOMEM: "there is not enough memory",
  EBUSY: "it is in use",
  ETXTBSY: "it is in use",
  EXDEV: "it is on another file system",
  EIO: "the device reports an error",
  ENODEV: "the device is gone",
  ENXIO: "the device is gone",
  ESTALE: "the network's file system has lost it",
  ENOLCK: "the file system has no locks",
  EOPNOTSUPP: "the file system does not support it",
  EADDRINUSE: "the port is in use",
  EADDRNOTAVAIL: "it is no address of this machine",
  EAFNOSUPPORT: "this machine has no addresses of that kind",
};

/**
 * What the system says, in words that follow a colon: "permission is denied".
 *
 * @param error What was thrown, or the code of a system error, `EACCES` for example.
 */
export function systemReason(error: unknown): string {
  if (typeof error === "string") return REASONS[error] ?? error;
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return REASONS[code] ?? error.message;
}
