/** Exit codes of `msquicd`: a promise to scripts. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  unreachable: 5,
  conflict: 6,
  limit: 7,
  interrupted: 130,
  /** As of a program that SIGPIPE ends. */
  readerGone: 141,
} as const;

/** One of the exit codes of {@linkcode ExitCode}. */
export type ExitCode = typeof ExitCode[keyof typeof ExitCode];

/** Exit code of every error code; one that is not here was not thought of, and is "failed" (1). */
export const EXIT_CODES: ReadonlyMap<string, ExitCode> = new Map(
  (Object.entries({
    failed: [
      "failed",
      "internal",
      "bad-frame",
      "bad-version",
      "bad-body",
      "unknown-type",
      "hash-mismatch",
      "size-mismatch",
      "size-changed",
      "cannot-resume",
      "not-a-file",
    ],
    usage: [
      "usage",
      "invalid-address",
      "invalid-name",
      "invalid-ports",
      "invalid-instance",
      "invalid-option",
      "invalid-config",
      "invalid-fingerprint",
      "unusable-credential",
    ],
    notFound: ["no-manager", "no-worker", "not-found", "no-upload", "not-reserved"],
    notAllowed: [
      "wrong-token",
      "unauthenticated",
      "permission-denied",
      "symbolic-link",
      "wrong-fingerprint",
      "bad-certificate",
    ],
    unreachable: [
      "connect-failed",
      "connect-timeout",
      "connection-refused",
      "connection-ended",
      "request-lost",
      "stream-aborted",
      "alpn-mismatch",
      "unreachable",
      "name-not-resolved",
      "shutting-down",
      "start-timeout",
      "ready-timeout",
      "control-failed",
      "control-timeout",
      "timeout",
    ],
    conflict: [
      "file-exists",
      "not-newer",
      "is-a-directory",
      "not-a-directory",
      "instance-running",
      "port-in-use",
      "no-free-port",
      "worker-exists",
      "superseded",
      "upload-active",
    ],
    limit: [
      "no-space",
      "file-too-large",
      "body-too-large",
      "too-many-workers",
      "too-many-reservations",
      "too-many-commands",
      "server-full",
    ],
    interrupted: ["interrupted"],
    readerGone: ["reader-gone"],
  }) as [keyof typeof ExitCode, string[]][]).flatMap(([exit, codes]) =>
    codes.map((code) => [code, ExitCode[exit]] as const)
  ),
);

/** The exit code for an error's `code`; 1 for codes without one of their own. */
export function exitCodeOf(code: string): ExitCode {
  return EXIT_CODES.get(code) ?? ExitCode.failed;
}
