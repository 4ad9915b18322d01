import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { isAlive, names, Site, waitFor } from "./harness.ts";
import { quoted, TERMINAL, Terminal } from "./terminal.ts";

function startOn(site: Site): string[] {
  return site.commandLine("start", "--ports", site.ports.join(","), "--root", site.root);
}

function shellTest(name: string, fn: (site: Site, terminal: Terminal) => Promise<void>): void {
  Deno.test({
    name,
    ignore: TERMINAL === undefined,
    async fn() {
      await using site = await Site.create(2);
      const terminal = new Terminal(site, startOn(site));
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
  await terminal.type("help\r");
  await terminal.see(/exit, Ctrl-D or Ctrl-C twice stops the server[^]*COMMAND --help tells more/);
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
  await terminal.see(/Shutting down\r?\n[^]*Worker \d+ is draining/);
  assert.equal(await terminal.end(), 0);
});

// G7
shellTest(
  "shell: Ctrl-C ends the command, and twice with nothing typed the manager",
  async (site, terminal) => {
    const big = site.path("big.bin");
    await Deno.writeTextFile(big, "");
    await Deno.truncate(big, 8 * 2 ** 30);
    await terminal.type(`put --no-resume ${big}\r`);
    await terminal.see(/big\.bin.*\d+%/);
    await terminal.type("\x03");
    await terminal.see(/msquicd: Interrupted/);
    await terminal.see(/msquicd> /);
    await terminal.type("half a line");
    await terminal.see(/half a line/);
    await terminal.type("\x03\x03");
    await terminal.see(/Ctrl-C once more stops the server/);
    await terminal.type("ping -n 1\r");
    await terminal.see(/1 answer,/);
    await terminal.see(/msquicd> /);
    await terminal.type("\x03");
    await terminal.see(/Ctrl-C once more stops the server/);
    await terminal.type("\x03");
    await terminal.see(/Shutting down/);
    assert.equal(await terminal.end(), 0);
    assert.deepEqual(names(site.root), [".msquicd"]);
  },
);

shellTest("shell: a terminal that goes away stops the server in order", async (site, terminal) => {
  terminal.hangUp();
  await terminal.end();
  await waitFor("the manager has left", async () => (await site.run("status")).code === 3);
});

/** A shell with job control on a terminal; the test's commands are typed there. */
function bashTest(name: string, fn: (site: Site, terminal: Terminal) => Promise<void>): void {
  Deno.test({
    name,
    ignore: TERMINAL === undefined || !isFile("/bin/bash"),
    async fn() {
      await using site = await Site.create(2);
      const bash = ["/bin/bash", "--norc", "--noediting", "-i"];
      const terminal = new Terminal(site, bash, { PS1: "bash> " });
      try {
        await terminal.see(/bash> /);
        await fn(site, terminal);
        if (!terminal.gone) await terminal.type("exit\r");
        await terminal.end();
      } catch (error) {
        terminal.hangUp();
        await terminal.end();
        throw error;
      }
      await site.assertNothingLeft();
    },
  });
}

/** Whether a process may read from its terminal; see proc(5). */
function hasForeground(pid: number): boolean {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return group === foreground;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

// D2, D3
bashTest(
  "shell: Ctrl-Z stops what was started together, and fg goes on",
  async (site, terminal) => {
    // A program around it that hands the signal on in place of stopping, as `deno task` does.
    const wrapper = `trap : TSTP; ${quoted(startOn(site))}; exit $?`;
    await terminal.type(`/bin/bash -c ${quoted([wrapper])}\r`);
    await terminal.see(/msquicd> /);
    await terminal.type("stat");
    await terminal.see(/stat/);
    await terminal.type("\x1a");
    await terminal.see(/Stopped/);
    await terminal.see(/bash> /);
    assert.equal((await site.run("ping", "-n", "1")).code, 0, "workers serve on");
    await terminal.type("fg\r");
    await terminal.see(/msquicd> stat/);
    await terminal.type("us\r");
    await terminal.see(/instance "e2e-.*ready, up/);
    await terminal.see(/msquicd> /);
    // In the background it goes on, and lets others read the terminal. Half a second later: a Ctrl-Z that
    // is handed on late counts as that of before.
    await delay(600);
    await terminal.type("\x1a");
    await terminal.see(/Stopped/);
    await terminal.see(/bash> /);
    await terminal.type("bg\r");
    await terminal.see(/bash> /);
    // Typed while nobody but the manager could read it.
    await terminal.type("sleep 0.5\r");
    await terminal.type("echo $((1 + 1))there\r");
    await terminal.see(/2there/);
    const { pid } = await site.json<{ pid: number }>("status");
    assert.match(await Deno.readTextFile(`/proc/${pid}/stat`), /^\d+ \(.*\) [^T]/);
    await terminal.type("fg\r");
    await terminal.see(/msquicd> /);
    await terminal.type("status\r");
    await terminal.see(/instance "e2e-.*ready, up/);
    await terminal.see(/msquicd> /);
    await terminal.type("exit\r");
    await terminal.see(/Shutting down/);
    await terminal.see(/bash> /);
  },
);

// D4
bashTest(
  "shell: a manager started with & serves, and lets the terminal alone",
  async (site, terminal) => {
    await terminal.type(`${quoted(startOn(site))} &\r`);
    await terminal.see(/try {10}/);
    await waitFor("it answers", async () => (await site.run("ping", "-n", "1")).code === 0);
    await terminal.type("jobs\r");
    await terminal.see(/Running/);
    type Told = { pid: number; workers: { pid: number }[] };
    const { pid, workers } = await site.json<Told>("status");
    assert.ok(!hasForeground(pid));
    await terminal.type("fg\r");
    await waitFor("it has the foreground", () => hasForeground(pid));
    for (const { pid } of workers) assert.ok(!hasForeground(pid), "Ctrl-C is not for workers");
    await terminal.type("\x03");
    await terminal.see(/Shutting down: SIGINT/);
    await terminal.see(/bash> /);
  },
);

// D5
bashTest(
  "shell: a headless manager ends in order when its terminal goes away",
  async (site, terminal) => {
    const log = site.path("log");
    await terminal.type(`${quoted([...startOn(site), "--no-shell"])} 2>'${log}'\r`);
    await terminal.see(/try {10}/);
    const { pid } = await site.json<{ pid: number }>("status");
    terminal.hangUp();
    await waitFor("the manager has left", () => !isAlive(pid));
    assert.match(await Deno.readTextFile(log), /Shutting down: the terminal is gone \(SIGHUP\)/);
  },
);

// D6
bashTest(
  "shell: a Ctrl-C that is handed on as well counts once, one more does not wait",
  async (site, terminal) => {
    await terminal.type(`${quoted([...startOn(site), "--no-shell"])}; echo exit=$?\r`);
    await terminal.see(/try {10}/);
    const { pid, workers } = await site.json<{ pid: number; workers: { pid: number }[] }>("status");
    const [hanging, other] = workers;
    assert.ok(hanging && other);
    Deno.kill(hanging.pid, "SIGSTOP");
    // No more than that: the last one must come within half a second on a slow machine as well.
    for (let echo = 0; echo < 3; echo++) {
      Deno.kill(pid, "SIGINT");
      await delay(5);
    }
    await terminal.see(/Shutting down: SIGINT/);
    await waitFor("the other worker is gone", () => !isAlive(other.pid));
    await delay(600);
    assert.ok(isAlive(hanging.pid), "it is waited for");
    Deno.kill(pid, "SIGINT");
    await terminal.see(/Shutting down at once: SIGINT/);
    await terminal.see(/exit=130/);
  },
);

// D7
bashTest("shell: a terminal that knows no escape sequences gets none", async (site, terminal) => {
  await terminal.type(`stty cols 60; TERM=dumb ${quoted(startOn(site))} --log-level debug\r`);
  await terminal.see(/try {10}/);
  terminal.seen = "";
  await terminal.see(/msquicd> /);
  await terminal.type("status\r");
  await terminal.see(/no room for [A-Z, ]+\r?\n/);
  await terminal.see(/msquicd> /);
  await terminal.type("put /dev/null --to x\r");
  // Log lines bring the prompt again before that.
  await terminal.see(/Cannot copy "\/dev\/null"/);
  await terminal.see(/msquicd> /);
  await terminal.type("half a line");
  await terminal.type("\x03\x03");
  await terminal.see(/Ctrl-C once more stops the server/);
  await terminal.type("shutdown\r");
  await terminal.see(/bash> /);
  // bash's own marks for pasting are not ours.
  assert.ok(
    !terminal.seen.replaceAll("\x1b[?2004h", "").replaceAll("\x1b[?2004l", "").includes("\x1b"),
    terminal.seen,
  );
});
