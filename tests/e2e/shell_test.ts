import assert from "node:assert/strict";
import { names, Site, waitFor } from "./harness.ts";

/** `script` of util-linux gives a program a terminal. */
const TERMINAL = ["/usr/bin/script", "/bin/script"].find((path) => {
  try {
    return Deno.statSync(path).isFile && Deno.build.os === "linux";
  } catch {
    return false;
  }
});

/** A `start` on a terminal, which the test types on and looks at. */
class Terminal {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #shown: Promise<void>;
  #screen = "";

  constructor(site: Site) {
    const ports = site.ports.join(",");
    const command = site.commandLine("start", "--ports", ports, "--root", site.root);
    this.#child = new Deno.Command(TERMINAL ?? "script", {
      args: ["--quiet", "--return", "--command", command.map(quote).join(" "), "/dev/null"],
      env: { ...site.env, TERM: "xterm", SHELL: "/bin/sh" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#keys = this.#child.stdin.getWriter();
    this.#shown = this.#watch();
  }

  async #watch(): Promise<void> {
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
    for await (const piece of text) this.#screen += piece;
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

  /** Takes the terminal away. */
  hangUp(): void {
    this.#child.kill("SIGKILL");
  }

  /** Waits for the end; tells the exit code. */
  async end(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#shown;
    await this.#keys.close().catch(() => {}); // it may be closed from the other side
    return code;
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function shellTest(name: string, fn: (site: Site, terminal: Terminal) => Promise<void>): void {
  Deno.test({
    name,
    ignore: TERMINAL === undefined,
    async fn() {
      await using site = await Site.create(2);
      const terminal = new Terminal(site);
      try {
        await terminal.see(/msquicd> /);
        await fn(site, terminal);
      } catch (error) {
        terminal.hangUp();
        await terminal.end();
        throw error;
      }
      await site.assertNothingLeft();
    },
  });
}

shellTest("shell: runs commands, completes them, and leaves with exit", async (site, terminal) => {
  await Deno.writeTextFile(site.path("a b.txt"), "hello");
  await terminal.type(`put "${site.path("a b.txt")}"\r`);
  await terminal.see(/a b\.txt: 5 B in .*sha256 [0-9a-f]{64}/);
  await terminal.see(/msquicd> /);
  await terminal.type("ls\r");
  await terminal.see(/5 B {2}.*a b\.txt/);
  await terminal.see(/msquicd> /);
  await terminal.type("shutd\t");
  await terminal.see(/shutdown /);
  await terminal.type("--help\r");
  await terminal.see(/Stop this machine's manager/);
  await terminal.see(/msquicd> /);
  await terminal.type('put "x\r');
  await terminal.see(/The quote " in column 5 is not closed/);
  await terminal.type("nonsense\r");
  await terminal.see(/There is no command "nonsense"; --help lists the commands/);
  await terminal.type("restart 1\r");
  // As it is typed here: without the program's name, which the manager's own message has.
  await terminal.see(/There is no worker on port 1; to list the workers: status --instance e2e-/);
  await terminal.type("start\r");
  await terminal.see(/has a manager already/);
  await terminal.type("exit\r");
  await terminal.see(/Shutting down/);
  assert.equal(await terminal.end(), 0);
});

shellTest("shell: shows what happens above the prompt", async (site, terminal) => {
  await terminal.type("half a li");
  await terminal.see(/half a li/);
  const [worker] = (await site.json<{ workers: { pid: number }[] }>("status")).workers;
  assert.ok(worker);
  Deno.kill(worker.pid, "SIGKILL");
  await terminal.see(new RegExp(`Worker \\d+ is gone, pid ${worker.pid}`));
  await terminal.see(/is ready again[^\n]*\n(?:.*\n)*.*msquicd> half a li/);
  await terminal.type("\x15"); // Ctrl-U
  await terminal.type("\x04"); // Ctrl-D
  await terminal.see(/Shutting down/);
  assert.equal(await terminal.end(), 0);
});

shellTest("shell: Ctrl-C ends the command and not the manager", async (site, terminal) => {
  const big = site.path("big.bin");
  await Deno.writeTextFile(big, "");
  await Deno.truncate(big, 8 * 2 ** 30);
  await terminal.type(`put --no-resume ${big}\r`);
  await terminal.see(/big\.bin.*\d+%/);
  await terminal.type("\x03");
  await terminal.see(/msquicd: Interrupted/);
  await terminal.see(/msquicd> /);
  await terminal.type("ping -n 1\r");
  await terminal.see(/1 answers/);
  await terminal.type("shutdown\r");
  assert.equal(await terminal.end(), 0);
  assert.deepEqual(names(site.root), [".msquicd"]);
});

shellTest("shell: a terminal that goes away stops the server in order", async (site, terminal) => {
  terminal.hangUp();
  await terminal.end();
  await waitFor("the manager has left", async () => (await site.run("status")).code === 3);
});
