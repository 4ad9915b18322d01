import { join } from "node:path";
import { instanceName, msquicdCommand } from "./command.ts";

/** How long it may take to stop, in milliseconds. */
const STOP_MS = 10_000;

/** What `msquicd start --json` prints, as far as it matters here. */
interface StartReport {
  /** Lower-case hex SHA-256 of the certificate. */
  fingerprint: string;
  /** Where the token is kept. */
  state: string;
  workers: WorkerReport[];
}

interface WorkerReport {
  port: number;
  pid: number;
}

/** What it takes to connect to a worker. */
export interface Access {
  token: string;
  fingerprint: string;
}

/** A manager with its three workers, with a state and a storage of its own. */
export class Instance implements AsyncDisposable {
  readonly #directory: string;
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #kill = () => this.#child.kill("SIGTERM");
  readonly #signal: AbortSignal;
  #report: StartReport | undefined;

  private constructor(directory: string, name: string, signal: AbortSignal) {
    this.#directory = directory;
    this.#name = name;
    this.#signal = signal;
    const root = join(directory, "storage");
    const args = ["start", "--no-shell", "--json", "--log-level", "warning", "--root", root];
    this.#child = this.#command(args).spawn();
    signal.addEventListener("abort", this.#kill, { once: true });
  }

  /**
   * Starts it, and waits until all workers are ready.
   *
   * @param directory An existing directory for it alone.
   * @param signal Stops it.
   * @throws {Error} It does not start.
   */
  static async start(directory: string, signal: AbortSignal): Promise<Instance> {
    signal.throwIfAborted();
    const instance = new Instance(directory, instanceName(), signal);
    try {
      await instance.#whenReady();
      return instance;
    } catch (error) {
      await instance[Symbol.asyncDispose]();
      throw error;
    }
  }

  get manager(): number {
    return this.#child.pid;
  }

  /** The workers' processes. */
  get workers(): readonly number[] {
    return this.#started.workers.map(({ pid }) => pid);
  }

  get ports(): readonly number[] {
    return this.#started.workers.map(({ port }) => port);
  }

  async access(): Promise<Access> {
    const { state, fingerprint } = this.#started;
    return { token: (await Deno.readTextFile(join(state, "token"))).trim(), fingerprint };
  }

  get #started(): StartReport {
    if (this.#report === undefined) throw new TypeError("The manager has not started");
    return this.#report;
  }

  /** Runs an `msquicd` command on it; what it prints is lost. */
  async run(...args: string[]): Promise<void> {
    await this.ask(...args);
  }

  /** Runs an `msquicd` command on it, and gives what it prints with `--json`. */
  async ask<Result>(...args: string[]): Promise<Result> {
    // Read to its end: whoever closes it makes the command end with 141.
    const { code, stdout } = await this.#command([...args, "--json"]).output();
    this.#signal.throwIfAborted();
    if (code !== 0) throw new Error(`msquicd ${args[0]} ended with code ${code}`);
    return JSON.parse(new TextDecoder().decode(stdout));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener("abort", this.#kill);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    try {
      this.#kill();
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    clearTimeout(timer);
    if (!this.#child.stdout.locked) await this.#child.stdout.cancel();
  }

  async #whenReady(): Promise<void> {
    let text = "";
    for await (const piece of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (text.includes("\n")) break;
    }
    this.#signal.throwIfAborted();
    if (text === "") throw new Error("msquicd start has ended; what it says is above");
    this.#report = JSON.parse(text);
  }

  #command(args: string[]): Deno.Command {
    return msquicdCommand(args, { directory: this.#directory, instance: this.#name });
  }
}
