/** As much of the end of an output as there may be a summary in, in characters. */
const END_LENGTH = 4096;

/** What a test leaves open, or does not wait for, fails it: so in Deno 2.6, and since 2.8 when asked for. */
const CHECKS = { DENO_TEST_SANITIZE_OPS: "1", DENO_TEST_SANITIZE_RESOURCES: "1" };

/** Some of the tests, in a process of their own. */
export class TestGroup {
  readonly #command: Deno.Command;
  readonly #ended = Promise.withResolvers<number>();
  #child: Deno.ChildProcess | undefined;
  /** What waits to be shown; `undefined` from when it is shown as it comes. */
  #kept: Uint8Array[] | undefined = [];
  #end = "";

  /** @param args Of `deno`. */
  constructor(
    readonly title: string,
    args: readonly string[],
    { cwd, env }: { cwd: string; env: Record<string, string> },
  ) {
    this.#command = new Deno.Command(Deno.execPath(), {
      ...{ args: [...args], cwd, env: { ...CHECKS, ...env } },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    });
  }

  /** Starts it; resolves when it has ended. */
  async run(): Promise<void> {
    this.#child = this.#command.spawn();
    const { stdout, stderr, status } = this.#child;
    const [{ code }] = await Promise.all([status, this.#follow(stdout), this.#follow(stderr)]);
    this.#ended.resolve(code);
  }

  /** Resolves with its exit code, when all of its output is there. */
  get ended(): Promise<number> {
    return this.#ended.promise;
  }

  /** The end of what it has printed so far. */
  get outputEnd(): string {
    return this.#end;
  }

  /** Shows what it has printed, and from now on what it prints. */
  show(): void {
    for (const chunk of this.#kept ?? []) print(chunk);
    this.#kept = undefined;
  }

  /** Sends it a signal, if it runs. */
  kill(signal: Deno.Signal): void {
    try {
      this.#child?.kill(signal);
    } catch {
      // It has ended.
    }
  }

  async #follow(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.#end = (this.#end + decoder.decode(chunk, { stream: true })).slice(-END_LENGTH);
      if (this.#kept === undefined) print(chunk);
      else this.#kept.push(chunk);
    }
  }
}

function print(chunk: Uint8Array): void {
  for (let at = 0; at < chunk.length;) at += Deno.stdout.writeSync(chunk.subarray(at));
}
