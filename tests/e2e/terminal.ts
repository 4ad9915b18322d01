import { type Site, waitFor } from "./harness.ts";

/** `script` of util-linux gives a program a terminal; undefined where there is none. */
export const TERMINAL: string | undefined = ["/usr/bin/script", "/bin/script"].find((path) => {
  try {
    return Deno.statSync(path).isFile && Deno.build.os === "linux";
  } catch {
    return false;
  }
});

/** A program on a terminal, which the test types on and looks at. */
export class Terminal {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #shown: Promise<void>;
  #screen = "";
  /** All that has appeared. */
  seen = "";
  #gone = false;

  constructor(site: Site, command: readonly string[], env: Record<string, string> = {}) {
    this.#child = new Deno.Command(TERMINAL ?? "script", {
      args: ["--quiet", "--return", "--command", quoted(command), "/dev/null"],
      env: { ...site.env, TERM: "xterm", SHELL: "/bin/sh", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#keys = this.#child.stdin.getWriter();
    this.#shown = this.#watch();
  }

  async #watch(): Promise<void> {
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
    for await (const piece of text) {
      this.#screen += piece;
      this.seen += piece;
    }
  }

  async type(keys: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  /** Waits until something appears, and forgets everything up to it. */
  async see(pattern: RegExp): Promise<string> {
    const match = await waitFor(`${pattern} on the terminal`, () => {
      const found = pattern.exec(this.#screen);
      return found ?? undefined;
    });
    this.#screen = this.#screen.slice(match.index + match[0].length);
    return match[0];
  }

  /** Whether it was taken away. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Takes the terminal away. */
  hangUp(): void {
    if (!this.#gone) this.#child.kill("SIGKILL");
    this.#gone = true;
  }

  /** Waits for the end; tells the exit code. */
  async end(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#shown;
    await this.#keys.close().catch(() => {}); // it may be closed from the other side
    return code;
  }
}

/** Words as a shell takes them. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}
