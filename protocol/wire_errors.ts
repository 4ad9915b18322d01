/** Every error code that an error answer carries, with what it means in general. */
export const WIRE_ERRORS = {
  "bad-frame": "Frame is broken",
  "bad-version": "Protocol version is not supported",
  "unknown-type": "Message type is unknown",
  "bad-body": "Message body is broken",
  "body-too-large": "Message body is too large",
  "unauthenticated": "Connection is not authenticated; say hello first",
  "wrong-token": "Token is wrong",
  "invalid-name": "File name is not allowed",
  "not-found": "No such file",
  "file-exists": "A file of this name exists",
  "not-newer": "The file of this name is as new or newer",
  "is-a-directory": "Name belongs to a directory",
  "not-a-directory": "A part of the name is a file, and nothing can be below it",
  "not-empty": "Directory is not empty",
  "other-file-system":
    "Directory cannot be moved to another file system on the server; copy it, and remove it then",
  "not-a-file": "Name belongs to something other than a file",
  "symbolic-link": "Name leads to or through a symbolic link, and the server follows none",
  "hash-mismatch": "Data does not match its SHA-256",
  "damaged": "File's bytes are not those that were stored: its disk has changed them",
  "size-mismatch": "Data is shorter or longer than announced",
  "bad-block": "Block of compressed data is not what its header says",
  "cannot-resume": "Upload cannot go on from there; ask again, or send it from the start",
  "no-space": "No space is left on the server's disk",
  "quota-exceeded": "Quota of the directory, or of the token, is used up on the server",
  "file-too-large": "File is larger than one may be on the server (its ulimit -f or file system)",
  "file-in-use":
    "File is in use on the server: a program has it open, or something is mounted on it",
  "permission-denied": "Server may not do this",
  "refused": "Server's operator has a rule against it",
  "hook-failed": "Server could not look at the file as it should; its log says why",
  "storage-unavailable": "Server cannot use its storage at the moment; its log says why",
  "too-many-requests":
    "Server has as many requests of this kind under way as it takes; try again when some are done",
  "deadline-exceeded": "Request took longer than it may",
  "no-action": "Server has no such action",
  "bad-argument": "Action's arguments are not what they may be",
  "too-many-actions": "Server runs as many actions as it may; try again later",
  "cannot-run": "Server cannot start the action's program; its log says why",
  "shutting-down": "Server is shutting down",
  "transfer-cancelled": "Transfer was cancelled by the server's operator",
  "session-ended": "Server has ended the session",
  "server-full": "Server serves as many clients as it may; try again later",
  "too-many-attempts": "Token is wrong, and so were many before it from the same address",
  "limit-reached": "Server serves as many clients of this kind as it may; try again later",
  "internal": "Server failed; its log says why",
} as const;

/** An error code of the protocol. */
export type WireErrorCode = keyof typeof WIRE_ERRORS;

/** Whether a value is one of the protocol's error codes. */
export function isWireErrorCode(value: unknown): value is WireErrorCode {
  return typeof value === "string" && Object.hasOwn(WIRE_ERRORS, value);
}
