import { createInterface, type Interface } from "node:readline";
import process from "node:process";
import { PROGRAM } from "../base/mod.ts";
import { redirectLogs } from "../log/mod.ts";
import { completeLine } from "./complete.ts";
import type { CliContext } from "./context.ts";
import { describeError } from "./describe_error.ts";
import { InterruptedError } from "./errors.ts";
import { readGlobalFlags } from "./global_flags.ts";
import { Output, type TextSink } from "./output.ts";
import { ReadlineOutput } from "./readline_output.ts";
import { runCommand } from "./run_command.ts";
import { splitLine } from "./split_line.ts";
import { isReaderGone } from "./standard_streams.ts";

const PROMPT = "msquicd> ";
const LEAVING: ReadonlySet<string> = new Set(["exit", "quit"]);
/** Back to the first column, and nothing from there on: what stood there was the prompt. */
const CLEAR_PROMPT = "\r\x1b[J";

/**
 * Reads commands from the terminal and runs them, one after the other, until `exit`, Ctrl-D, or until
 * `over` resolves. Log lines appear above the prompt.
 */
export async function runShell(context: CliContext, over: Promise<void>): Promise<void> {
  using shell = new Shell(context);
  await Promise.race([shell.left, over]);
}

/** Takes the program's name out of advice, which is for here. */
function withoutProgram(sink: TextSink): TextSink {
  return { write: (text) => sink.write(text.replaceAll(`${PROGRAM} `, "")) };
}

class Shell implements Disposable {
  readonly #context: CliContext;
  readonly #left = Promise.withResolvers<void>();
  readonly #output: ReadlineOutput;
  readonly #lines: Interface;
  readonly #logs: Disposable;
  readonly #waiting: string[] = [];
  #running: AbortController | undefined;
  #closed = false;

  constructor(context: CliContext) {
    this.#context = context;
    this.#output = new ReadlineOutput(context.process.stdout);
    this.#lines = createInterface({
      input: process.stdin,
      output: this.#output,
      terminal: true,
      prompt: PROMPT,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) =>
        void completeLine(line, context).then((result) => done(null, result)),
    });
    this.#lines.on("line", (line) => this.#take(line));
    this.#lines.on("close", () => this.#onEnd());
    this.#lines.on("SIGINT", () => this.#interrupt());
    process.stdin.prependListener("end", this.#onHangUp);
    addEventListener("error", this.#onError);
    this.#logs = redirectLogs((line) => this.#print(line));
    context.output.line("help lists the commands; exit or Ctrl-D stops the server");
    this.#lines.prompt();
  }

  /** Resolves when the user has left. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  #take(line: string): void {
    this.#waiting.push(line);
    if (this.#running === undefined) void this.#work();
  }

  async #work(): Promise<void> {
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      this.#running = new AbortController();
      await this.#run(line, this.#running.signal);
      this.#running = undefined;
      if (this.#closed) return;
    }
    this.#lines.prompt();
  }

  async #run(line: string, signal: AbortSignal): Promise<void> {
    const { process: { stdout }, stderr } = this.#context;
    try {
      const { words, json } = readGlobalFlags(splitLine(line));
      const [first, ...rest] = words;
      if (first === undefined) return;
      if (LEAVING.has(first)) return this.#leave();
      await runCommand(first === "msquicd" ? rest : words, {
        ...this.#context,
        output: new Output({ json, stdout, stderr: withoutProgram(stderr.sink) }),
        insideShell: true,
        interruption: () => ({ signal, [Symbol.dispose]() {} }),
      }, stdout);
    } catch (error) {
      this.#context.output.note(describeError(error).message);
    }
  }

  /** Ctrl-C: ends the command that runs, or clears what is typed. */
  #interrupt(): void {
    if (this.#running !== undefined) return this.#running.abort(new InterruptedError());
    const typed = this.#lines.line !== "";
    this.#lines.write(null, { ctrl: true, name: "e" });
    this.#lines.write(null, { ctrl: true, name: "u" });
    if (!typed) this.#print("exit or Ctrl-D stops the server");
  }

  /** Prints above the prompt, and above what is being typed there. */
  #print(line: string): void {
    const { sink } = this.#context.stderr;
    if (this.#closed || this.#running !== undefined) return sink.write(`${line}\n`);
    sink.write(`${CLEAR_PROMPT}${line}\n`);
    this.#lines.prompt(true);
  }

  /** The terminal is gone: Deno 2.6 cannot take it out of raw mode then, so `readline` must not try. */
  readonly #onHangUp = (): void => void Object.assign(this.#lines, { terminal: false });

  /** How Deno 2.6 reports a failed read from a terminal that is gone. */
  readonly #onError = (event: ErrorEvent): void => {
    if (!isReaderGone(event.error)) return;
    event.preventDefault();
    this.#leave();
  };

  /** Ctrl-D, or the terminal is gone. */
  #onEnd(): void {
    if (!this.#closed) this.#context.process.stdout.write("\n");
    this.#leave();
  }

  #leave(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#running?.abort(new InterruptedError());
      this.#closeLines();
    }
    this.#left.resolve();
  }

  #closeLines(): void {
    try {
      this.#lines.close();
    } catch {
      // The terminal is gone, and cannot be taken out of raw mode.
    }
  }

  [Symbol.dispose](): void {
    process.stdin.removeListener("end", this.#onHangUp);
    removeEventListener("error", this.#onError);
    this.#leave();
    this.#output[Symbol.dispose]();
    this.#logs[Symbol.dispose]();
  }
}
