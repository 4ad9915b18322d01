import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./swap_directory.ts", import.meta.url));

/** A process that swaps a directory for a symbolic link and back, as fast as it can. */
export class Swapper implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Starts it, and waits until it has begun. */
  static async start(path: string, link: string): Promise<Swapper> {
    const swapper = new Swapper(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-lock", PROGRAM, path, link],
        ...{ stdin: "piped", stdout: "piped" },
      }).spawn(),
    );
    await swapper.#output.read();
    return swapper;
  }

  /** Ends it; tells how often it has swapped. */
  async stop(): Promise<number> {
    await this.#child.stdin.close();
    let said = "";
    for (let read; !(read = await this.#output.read()).done;) said += read.value;
    await this.#child.status;
    return Number(said);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#output.cancel();
    await this.#child[Symbol.asyncDispose]();
  }
}
