import { createInterface, type Interface } from "node:readline";
import process from "node:process";
import { PROGRAM } from "../../base/mod.ts";
import { redirectLogs } from "../../log/mod.ts";
import { completeLine } from "./complete.ts";
import type { CliContext } from "../context.ts";
import { describeError } from "../text/describe_error.ts";
import { InterruptedError } from "../errors.ts";
import { readGlobalFlags } from "../global_flags.ts";
import { Output, type TextSink } from "../text/output.ts";
import { ReadlineOutput } from "./readline_output.ts";
import { runCommand } from "../run_command.ts";
import { splitLine } from "./split_line.ts";
import { hasForeground } from "../start/job_control.ts";
import { isReaderGone } from "../text/standard_streams.ts";
import type { Suspension } from "../start/suspension.ts";
import { isDumb } from "../text/terminal.ts";

const PROMPT = "msquicd> ";
const LEAVING: ReadonlySet<string> = new Set(["exit", "quit"]);
/** Back to the first column, and nothing from there on: what stood there was the prompt. */
const CLEAR_PROMPT = "\r\x1b[J";
/** How often it is looked whether `fg` has been typed, after `bg`, in milliseconds. */
const LOOK_MS = 200;
const HOW_TO_LEAVE = "Ctrl-C once more stops the server, as do exit and Ctrl-D";

/**
 * Reads commands from the terminal and runs them, one after the other, until `exit`, Ctrl-D, or until
 * `over` resolves. Log lines appear above the prompt.
 *
 * @param suspension What Ctrl-Z does.
 */
export async function runShell(
  context: CliContext,
  over: Promise<void>,
  suspension: Suspension,
): Promise<void> {
  using shell = new Shell(context, suspension);
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
  readonly #listening = new DisposableStack();
  readonly #waiting: string[] = [];
  #running: AbortController | undefined;
  /** Whether Ctrl-C was what was typed last, on an empty line. */
  #leaving = false;
  #closed = false;
  /** Whether somebody else may have the terminal, after Ctrl-Z: who reads it then is stopped by the system. */
  #away = false;
  #looking: ReturnType<typeof setTimeout> | undefined;

  constructor(context: CliContext, suspension: Suspension) {
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
    this.#listen(suspension);
    context.output.line("help lists the commands; exit, Ctrl-D or Ctrl-C twice stops the server");
    this.#lines.prompt();
  }

  #listen(suspension: Suspension): void {
    const { stdin } = process;
    stdin.prependListener("end", this.#onHangUp);
    this.#listening.defer(() => stdin.removeListener("end", this.#onHangUp));
    addEventListener("error", this.#onError);
    this.#listening.defer(() => removeEventListener("error", this.#onError));
    if (Deno.build.os !== "windows") {
      // In raw mode Ctrl-Z is a key like any other.
      this.#lines.on("SIGTSTP", () => suspension.suspend());
      suspension.before = () => this.#handBackTerminal();
      suspension.onRefused = () =>
        this.#print("Ctrl-Z does nothing here: there is no shell that could go on with it");
      Deno.addSignalListener("SIGCONT", this.#onContinue);
      this.#listening.defer(() => Deno.removeSignalListener("SIGCONT", this.#onContinue));
    }
    // Where the log does not go to this terminal, there is no prompt in its way.
    if (Deno.stderr.isTerminal()) this.#listening.use(redirectLogs((line) => this.#print(line)));
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
    if (!this.#away) this.#lines.prompt();
  }

  async #run(line: string, signal: AbortSignal): Promise<void> {
    const { process: { stdout }, stderr } = this.#context;
    this.#leaving = false;
    try {
      const { words, json } = readGlobalFlags(splitLine(line));
      const [first, ...rest] = words;
      if (first === undefined) return;
      if (LEAVING.has(first)) return this.#leave();
      if (first === "help" && rest.length === 0) {
        this.#context.output.line("exit, Ctrl-D or Ctrl-C twice stops the server");
      }
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

  /** Ctrl-C: ends the command that runs, or clears what is typed; twice with nothing typed, leaves. */
  #interrupt(): void {
    if (this.#running !== undefined) return this.#running.abort(new InterruptedError());
    if (this.#lines.line !== "") {
      this.#leaving = false;
      this.#clearLine();
    } else if (this.#leaving) {
      this.#leave();
    } else {
      this.#leaving = true;
      this.#print(HOW_TO_LEAVE);
    }
  }

  #clearLine(): void {
    if (isDumb()) {
      // There `readline` knows no keys.
      Object.assign(this.#lines, { line: "", cursor: 0 });
      this.#context.process.stdout.write("\n");
      this.#lines.prompt();
    } else {
      this.#lines.write(null, { ctrl: true, name: "e" });
      this.#lines.write(null, { ctrl: true, name: "u" });
    }
  }

  #handBackTerminal(): void {
    if (this.#closed) return;
    this.#away = true;
    this.#lines.pause();
    process.stdin.setRawMode(false);
    this.#context.process.stdout.write("\n");
  }

  /**
   * After Ctrl-Z and `fg`: whoever had the terminal meanwhile has set it as it likes. After `bg` it is not
   * there yet, and no signal will say when it is.
   */
  readonly #onContinue = (): void => {
    clearTimeout(this.#looking);
    if (this.#closed) return;
    if (!hasForeground()) {
      this.#looking = setTimeout(this.#onContinue, LOOK_MS);
      return;
    }
    this.#away = false;
    process.stdin.setRawMode(false);
    process.stdin.setRawMode(true);
    this.#lines.resume();
    if (this.#running === undefined) this.#lines.prompt(true);
  };

  /** Prints above the prompt, and above what is being typed there. */
  #print(line: string): void {
    const { sink } = this.#context.stderr;
    const noPrompt = this.#closed || this.#away || this.#running !== undefined;
    if (noPrompt) return sink.write(`${line}\n`);
    sink.write(`${isDumb() ? "\n" : CLEAR_PROMPT}${line}\n`);
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
      clearTimeout(this.#looking);
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
    this.#leave();
    this.#output[Symbol.dispose]();
    this.#listening.dispose();
  }
}
