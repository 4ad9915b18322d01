import { CodedError, CodedErrorOf } from "../base/mod.ts";
import { describeError } from "./text/describe_error.ts";

/** What was typed makes no sense: an argument is missing, unknown or malformed. */
export class UsageError extends CodedError {
  readonly code = "usage";
}

/** A handler refuses what it was asked: what can be done about that, it says itself. */
export class CallRefusedError extends CodedErrorOf<string> {}

/** No answer has come, although it was asked more than once. */
export class NoAnswerError extends CodedError {
  readonly code = "timeout";
}

/** The user stopped the command (Ctrl-C, SIGTERM). */
export class InterruptedError extends CodedError {
  readonly code = "interrupted";

  constructor() {
    super("Interrupted");
  }
}

/** Code of {@linkcode ReaderGoneError}, and of a batch that ended for it. */
export const READER_GONE = "reader-gone";

/** Nobody reads what the command says any more, as in `msquicd ls | head -1`: no reason to complain. */
export class ReaderGoneError extends CodedError {
  readonly code = READER_GONE;

  constructor() {
    super("Standard output is read no more");
  }
}

/** Standard output takes nothing: the disk is full, for example. */
export class OutputError extends CodedErrorOf<"no-space" | "output-failed"> {
  /** @param cause What the system said. */
  constructor(cause: unknown) {
    const full = isFull(cause);
    const why = full ? "no space is left on the device" : systemText(cause);
    const code = full ? "no-space" : "output-failed";
    super(code, `Cannot write to standard output: ${why}`, { cause });
  }
}

function isFull(error: unknown): boolean {
  const codes = ["ENOSPC", "EDQUOT", "EFBIG"];
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** What the system said, without its number for it. */
function systemText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\)/, "");
}

/** One item of a batch that failed. */
export interface BatchFailure {
  name: string;
  code: string;
  message: string;
  /** How many bytes there would have to be more of, where a server has too little room. */
  missingBytes?: number;
}

/**
 * A command that takes several items (`put a b c`) did not get all of them done. Its code is that of the
 * failure that decides the exit code.
 */
export class BatchError extends CodedErrorOf<string> {
  readonly failures: readonly BatchFailure[];
  /** Results of the items that succeeded, in order. */
  readonly results: readonly unknown[];

  /**
   * @param deciding The failure that ended the batch, or the first one.
   * @param total How many items there were, those never begun included; `undefined` if not all were found.
   * @param counts How many succeeded and failed, where not all of them were kept.
   * @param cause What ended the batch, if that was no item's failure: no more items could be found, for example.
   */
  constructor(
    deciding: Pick<BatchFailure, "code" | "message">,
    failures: readonly BatchFailure[],
    results: readonly unknown[],
    total: number | undefined,
    counts: { done: number; failed: number } = { done: results.length, failed: failures.length },
    cause?: unknown,
  ) {
    const done = total === undefined ? `${counts.done}` : `${counts.done} of ${total}`;
    const failed = counts.failed === 0 ? "" : `, ${counts.failed} failed`;
    super(deciding.code, `${done} done${failed}: ${deciding.message}`, { cause });
    this.failures = failures;
    this.results = results;
  }
}

/** What is not given to connect, and is not found on this machine either. */
export class MissingTargetError extends CodedErrorOf<string> {
  /**
   * @param missing The flags that would say it.
   * @param cause Why it is not found here.
   */
  constructor(missing: readonly string[], cause: unknown) {
    const { code, message } = describeError(cause);
    super(
      code,
      `Cannot tell what to connect to: give ${missing.join(", and ")}; ` +
        `looking for this machine's own server failed: ${message}`,
      { cause },
    );
  }
}

/** An action on a server did not end well, or not in time. */
export class ActionFailedError extends CodedErrorOf<"action-failed" | "action-timeout"> {
  /** How it ended, for `--json`. */
  readonly result: unknown;

  constructor(late: boolean, message: string, result: unknown) {
    super(late ? "action-timeout" : "action-failed", message);
    this.result = result;
  }
}

/** The disk here takes two names for one: they differ in case only, or in how their characters are written. */
export class FoldedNameError extends CodedError {
  readonly code = "file-exists";
}

/** A stored file is not what it was when it was stored, or it is not known what it was. */
export class VerificationError extends CodedErrorOf<"hash-mismatch" | "hash-unknown"> {}

/** What a `--delete` would do is not done: it could be a mistake. */
export class DeletionRefusedError extends CodedError {
  readonly code = "deletion-refused";
}

/** A local file's name cannot be expressed in the text that names on servers are made of. */
export class UnreadableNameError extends CodedError {
  readonly code = "invalid-name";
}
