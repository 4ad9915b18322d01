import { fileURLToPath } from "node:url";
import type { Reply } from "./peer_role.ts";

/** How long a peer may take to answer, in milliseconds: one that takes longer is stuck. */
const ANSWER_MS = 180_000;

/** How long a peer may take to end by itself, in milliseconds. */
const END_MS = 5000;

/** A process that does a part of a benchmark: asked through its standard input, a line of JSON each. */
export class Peer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #replies: AsyncIterator<string>;
  readonly #signal: AbortSignal;
  readonly #kill = () => this.#child.kill("SIGKILL");
  /** What it told when it was ready. */
  ready: unknown;

  private constructor(child: Deno.ChildProcess, signal: AbortSignal) {
    this.#child = child;
    this.#signal = signal;
    this.#input = child.stdin.getWriter();
    this.#replies = lines(child.stdout);
    signal.addEventListener("abort", this.#kill, { once: true });
    void child.status.then(() => signal.removeEventListener("abort", this.#kill));
  }

  /**
   * Starts a process of Deno and waits until it is ready.
   *
   * @param script A module that calls `play`.
   * @param signal Kills the process.
   * @throws {Error} The process says that it cannot, and why.
   */
  static start(script: URL, setup: unknown, signal: AbortSignal): Promise<Peer> {
    const flags = ["run", "--quiet", "--no-check", "--allow-all", "--unstable-net"];
    const args = [...flags, fileURLToPath(script), JSON.stringify(setup)];
    return Peer.run(Deno.execPath(), args, signal);
  }

  /** Starts any program that behaves as `play` does; otherwise like {@linkcode start}. */
  static async run(program: string, args: string[], signal: AbortSignal): Promise<Peer> {
    signal.throwIfAborted();
    const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped" }).spawn();
    const peer = new Peer(child, signal);
    try {
      peer.ready = await peer.#reply();
      return peer;
    } catch (error) {
      await peer[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** @throws {Error} The peer says that it failed, or has ended. */
  async ask(question: unknown): Promise<unknown> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(question)}\n`));
    return await this.#reply();
  }

  async #reply(): Promise<unknown> {
    const timer = setTimeout(this.#kill, ANSWER_MS);
    const { value, done } = await this.#replies.next();
    clearTimeout(timer);
    this.#signal.throwIfAborted();
    if (done) throw new Error("The process has ended, or was ended, without an answer");
    const reply: Reply = JSON.parse(value);
    if ("error" in reply) throw new Error(reply.error);
    return reply.value;
  }

  /** Has the process end, and waits until it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {}); // it has ended already
    const timer = setTimeout(this.#kill, END_MS);
    await this.#child.status;
    clearTimeout(timer);
    await this.#replies.return?.();
  }
}

async function* lines(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
