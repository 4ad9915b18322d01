import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** How long it may take to stop, in milliseconds. */
const STOP_MS = 10_000;

/** What `msquicd start --json` prints, as far as it matters here. */
interface StartReport {
  pid: number;
  workers: { pid: number }[];
}

/** A manager with its three workers, with a state and a storage of its own. */
export class Instance implements AsyncDisposable {
  readonly #directory: string;
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #kill = () => this.#child.kill("SIGTERM");
  readonly #signal: AbortSignal;
  #workers: number[] = [];

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
    const instance = new Instance(directory, `bench-${crypto.randomUUID().slice(0, 8)}`, signal);
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

  get workers(): readonly number[] {
    return this.#workers;
  }

  /** Runs an `msquicd` command on it; what it prints is lost. */
  async run(...args: string[]): Promise<void> {
    await using child = this.#command([...args, "--json"]).spawn();
    await child.stdout.cancel();
    const { code } = await child.status;
    this.#signal.throwIfAborted();
    if (code !== 0) throw new Error(`msquicd ${args[0]} ended with code ${code}`);
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
    const report: StartReport = JSON.parse(text);
    this.#workers = report.workers.map(({ pid }) => pid);
  }

  #command(args: string[]): Deno.Command {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", MAIN, ...args, "--instance", this.#name],
      env: { MSQUICD_STATE_DIR: join(this.#directory, "state"), MSQUICD_TOKEN: "" },
      stdin: "null",
      stdout: "piped",
    });
  }
}
