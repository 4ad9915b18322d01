import { commandLine } from "../../base/mod.ts";
import { describeSystemError } from "./system_error.ts";
import type { TypeCommand } from "./typed_commands.ts";

/** What a user gets to see of an error. */
export interface ErrorDescription {
  /** Stable, kebab-case; see `exit_codes.ts`. */
  code: string;
  message: string;
  /** How many bytes there would have to be more of, where a server has too little room. */
  missingBytes?: number;
}

/** Codes of the operating system that have a counterpart of ours. */
const SYSTEM_CODES: Readonly<Record<string, string>> = {
  ENOENT: "not-found",
  ENOTDIR: "not-found",
  EISDIR: "not-a-file",
  EACCES: "permission-denied",
  EPERM: "permission-denied",
  EROFS: "permission-denied",
  EEXIST: "file-exists",
  ENOSPC: "no-space",
  EDQUOT: "no-space",
  EFBIG: "file-too-large",
  EBUSY: "file-in-use",
  EADDRINUSE: "port-in-use",
  ECONNREFUSED: "connection-refused",
  ETIMEDOUT: "timeout",
};

/** Names of errors that carry no code. */
const NAMED_CODES: Readonly<Record<string, string>> = {
  AbortError: "interrupted",
  TimeoutError: "timeout",
  NotFound: "not-found",
  PermissionDenied: "permission-denied",
  NotCapable: "permission-denied",
  AlreadyExists: "file-exists",
};

/** What else can be wrong where a server does not understand a client of ours. */
const OTHER_VERSION = "compare the versions at both ends, which --version prints";

/** What there is for files whose names no server takes. */
const ENCODED = "with --encode-names, put, get and sync spell it so that a server takes it";

/** What a user of the command line can do about a server's refusal. */
const ADVICE: Readonly<Record<string, string | ((type: TypeCommand) => string)>> = {
  "bad-frame": OTHER_VERSION,
  "bad-version": OTHER_VERSION,
  "bad-body": OTHER_VERSION,
  "unknown-type": OTHER_VERSION,
  "body-too-large": OTHER_VERSION,
  "hash-mismatch": "send it again",
  "size-mismatch": "send it again",
  "cannot-resume": "send it again when nothing else sends the same file",
  "permission-denied":
    "ask the server's operator, who says what a token allows, and can see the permissions of its folders",
  "shutting-down": "try again, or name another server with --server",
  "file-exists": "replace it with --overwrite always, or use another name: put --to NAME",
  "not-newer": "replace it all the same with --overwrite always",
  "is-a-directory": "name a file in it instead; for all of it there are get -r and rm -r",
  "not-a-directory": "use another name: put --to NAME, or remove that file first",
  "not-a-file": "use another name",
  "not-empty": "remove what is in it, too: rm -r",
  "symbolic-link": "use another name, or ask the server's operator",
  "damaged":
    "store it again with put --overwrite always, or have it touched on the server to get it as it is",
  "file-in-use": "try again later, or use another name",
  "file-too-large": "ask the server's operator to raise the limit",
  "not-found": (type) => `${type("ls")} lists what is there`,
  "quota-exceeded": (type) =>
    `remove something there first, which ${
      type("ls")
    } lists, or ask the server's operator for more`,
  "no-space": (type) => `remove something there first; ${type("ls")} lists what is there`,
  "wrong-token": "give the server's token with --token or in MSQUICD_TOKEN",
  "too-many-attempts": "give the server's token with --token or in MSQUICD_TOKEN",
};

/** What a user can do about what is in the way here, by the error's name. */
const ADVICE_HERE: Readonly<Record<string, string>> = {
  NoServerError: "try again, with --retry TIME to wait for it",
  FileExistsError: "replace it with --overwrite always, or write it elsewhere with -o PATH",
  NotNewerError: "replace it all the same with --overwrite always",
  IsADirectoryError: "write it elsewhere with -o PATH",
  SymbolicLinkError: "remove it, or write it elsewhere with -o PATH",
};

function adviceFor(
  error: Error,
  code: string,
): string | ((type: TypeCommand) => string) | undefined {
  const { name } = error;
  if ("encodable" in error && error.encodable === true) return ENCODED;
  if (name === "RemoteError") return ADVICE[code];
  // Of what breaks the protocol, the message names all but who could have sent it.
  if (name === "ProtocolError" && ADVICE[code] === OTHER_VERSION) return OTHER_VERSION;
  return ADVICE_HERE[name];
}

/**
 * Reduces anything thrown to a stable code and a sentence.
 *
 * @param type How commands are typed where that is read.
 */
export function describeError(error: unknown, type: TypeCommand = commandLine): ErrorDescription {
  // Of two errors, the one that came first; the other came up while cleaning up after it.
  if (error instanceof SuppressedError) return describeError(error.suppressed, type);
  if (!(error instanceof Error)) return { code: "failed", message: String(error) };
  const message = error.message || error.name;
  const own = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (own !== undefined && /^[a-z][a-z0-9-]*$/.test(own)) {
    const found = adviceFor(error, own);
    const advice = typeof found === "function" ? found(type) : found;
    const described = { code: own, message: advice ? `${message}; ${advice}` : message };
    const missing = "missingBytes" in error ? error.missingBytes : undefined;
    return typeof missing === "number" ? { ...described, missingBytes: missing } : described;
  }
  const code = (own && SYSTEM_CODES[own]) ?? NAMED_CODES[error.name] ?? "failed";
  return { code, message: describeSystemError(error) ?? message };
}
