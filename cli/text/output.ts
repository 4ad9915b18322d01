import { ActionFailedError, BatchError, OutputError, READER_GONE } from "../errors.ts";
import { describeError, type ErrorDescription } from "./describe_error.ts";
import { exitCodeOf } from "../exit_codes.ts";
import { printable } from "./format.ts";
import type { TypeCommand } from "./typed_commands.ts";

/** Where text goes; the standard streams, or a test's collector. */
export interface TextSink {
  write(text: string): void;
  /** Waits while much of what was written is still to be taken, unless `signal` is aborted. */
  drained?(signal?: AbortSignal): Promise<void>;
}

/**
 * What a command says. With `json`, standard output carries exactly one JSON value and nothing else;
 * otherwise results are text on standard output. Notes and errors go to standard error.
 */
export class Output {
  readonly json: boolean;
  /** Whether anybody hears of lines; if not, they need not be worded. */
  readonly speaks: boolean;
  readonly #stdout: TextSink;
  readonly #stderr: TextSink;
  readonly #debug: boolean;
  /** How commands are typed where errors are read. */
  typeCommand: TypeCommand | undefined;
  /** The command that is run, as `put`; empty where there is none. */
  command = "";
  /** The failure of standard output that was reported. */
  #reported: OutputError | undefined;

  constructor(
    options: {
      json: boolean;
      stdout: TextSink;
      stderr: TextSink;
      debug?: boolean;
      quiet?: boolean;
    },
  ) {
    this.json = options.json;
    this.speaks = !options.json && options.quiet !== true;
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
    this.#debug = options.debug ?? false;
  }

  /** The same, without a word for people of what succeeds. */
  quietly(): Output {
    const quiet = new Output({
      json: this.json,
      quiet: true,
      stdout: this.#stdout,
      stderr: this.#stderr,
      debug: this.#debug,
    });
    quiet.typeCommand = this.typeCommand;
    quiet.command = this.command;
    return quiet;
  }

  /** The command's one result: `value` as JSON, or nothing when `line()` has said it as text. */
  result(value: unknown): void {
    if (this.json) this.#stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** A line of result for people; silent with `json`. */
  line(text: string): void {
    if (this.speaks) this.#stdout.write(`${text}\n`);
  }

  /** Text of the result for people, as it is; silent with `json`. */
  text(text: string): void {
    if (this.speaks) this.#stdout.write(text);
  }

  /** What somebody else says on standard error, as it is; silent with `json`. */
  aside(text: string): void {
    if (!this.json) this.#stderr.write(text);
  }

  /** A remark that is not the result: always standard error. Nothing in it can steer the terminal. */
  note(text: string): void {
    this.#stderr.write(`msquicd: ${text.split("\n").map(printable).join("\n")}\n`);
  }

  /** What there is to say of an error here. */
  describe(error: unknown): ErrorDescription {
    return describeError(error, this.typeCommand, this.command);
  }

  /** For who writes many lines: waits for standard output to take them, unless `signal` is aborted. */
  async drained(signal?: AbortSignal): Promise<void> {
    await this.#stdout.drained?.(signal);
  }

  /**
   * Reports what ended the command. That nobody reads its output any more is not said to anyone.
   *
   * @returns The exit code that belongs to it.
   */
  failure(error: unknown): number {
    const described = this.describe(error);
    const { code, message } = described;
    if (code === READER_GONE || error === this.#reported) return exitCodeOf(code);
    if (error instanceof OutputError) this.#reported = error;
    if (!this.json || error instanceof OutputError) this.note(message);
    else if (error instanceof BatchError) {
      const { failures, results } = error;
      this.result({ error: { code, message }, failures, results });
    } else if (error instanceof ActionFailedError) {
      this.result({ error: { code, message }, result: error.result });
    } else this.result({ error: described });
    if (this.#debug && error instanceof Error) this.#stderr.write(`${error.stack}\n`);
    return ownExitCode(error) ?? exitCodeOf(code);
  }
}

/** An error that speaks for another program of ours brings that program's exit code. */
function ownExitCode(error: unknown): number | undefined {
  if (!(error instanceof Error && "exitCode" in error)) return undefined;
  const { exitCode } = error;
  return typeof exitCode === "number" && exitCode > 0 ? exitCode : undefined;
}
