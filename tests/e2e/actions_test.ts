import assert from "node:assert/strict";
import { join } from "node:path";
import type { Actions } from "../../base/action_definition.ts";
import { delay } from "../../base/mod.ts";
import { type Client, connect, messages, type RunActionOptions } from "../../client/mod.ts";
import "../fixtures/loaded_msquic.ts";
import { isAlive, type Running, Site, waitFor } from "./harness.ts";

const SH = "/bin/sh";
/** The token as a client would have it in its environment, which must not reach an action. */
const SECRET = "a-token-that-nobody-else-may-see";

/** A manager whose actions are programs of this system, and a client of its worker. */
async function serve(actions: Actions, more: Record<string, unknown> = {}, workers = 1) {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await Site.create(workers));
  const config = site.path("msquicd.jsonc");
  await Deno.writeTextFile(config, JSON.stringify({ actions, ...more }));
  const manager = await site.start("--config", config, "--log-level", "warning");
  const token = await site.token();
  const { fingerprint } = manager.report;
  const [port] = site.ports;
  const newClient = () =>
    connect({ server: `127.0.0.1:${port}`, token, fingerprint, failover: false });
  const client = stack.use(await newClient());
  /** Has an action run, and collects what it writes. */
  async function run(
    name: string,
    given: Record<string, string | number> = {},
    options: RunActionOptions = {},
  ) {
    const text = { stdout: "", stderr: "" };
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    const result = await client.runAction(name, given, {
      onOutput: (stream, bytes) => void (text[stream] += decoders[stream].decode(bytes)),
      ...options,
    });
    return { ...result, ...text };
  }
  const kept = stack.move();
  return {
    ...{ site, manager, client, newClient, run, token },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** A shell script, which is a program like any other. */
function script(text: string, more: Partial<Actions[string]> = {}): Actions[string] {
  return { command: [SH, "-c", text], timeoutMs: 20_000, ...more };
}

function auditLines({ stderr }: Running): string[] {
  return stderr.split("\n").filter((line) => line.includes("Action "));
}

Deno.test("msquicd: an action runs without a shell, with what was declared and nothing else", async () => {
  await using served = await serve({
    say: {
      command: ["/usr/bin/env", "printf", "%s|%s|%s\n", "{{{word}}}", "n={number}", "{file}"],
      arguments: {
        word: { choices: ["a b", "$(id)", "--help"], default: "a b" },
        number: { min: -1.5, max: 9, integer: false },
        file: { file: true },
      },
    },
    surroundings: script("env; pwd; ls -l /proc/self/fd; echo failed >&2; exit 7"),
  });
  const { site, run, client, manager, token } = served;
  await client.put(new TextEncoder().encode("x"), "dir/a $(id).txt");
  await Deno.symlink("/etc/passwd", join(site.root, "link"));
  const file = "dir/a $(id).txt";

  const said = await run("say", { word: "$(id)", number: "-1.25", file });
  const root = await Deno.realPath(site.root);
  assert.equal(said.stdout, `{$(id)}|n=-1.25|${root}/${file}\n`);
  assert.deepEqual([said.exitCode, said.signal, said.ended, said.dropped], [
    0,
    undefined,
    undefined,
    0,
  ]);
  assert.match((await run("say", { number: 2, file })).stdout, /^\{a b\}\|n=2\|/);

  const refusals: [Record<string, string | number>, string, RegExp][] = [
    [{ number: 1, file, more: "1" }, "bad-argument", /no argument "more"/],
    [{ file }, "bad-argument", /: argument "number" is missing/],
    [{ number: 9.5, file }, "bad-argument", /"number" must be a number from -1.5 to 9/],
    [{ number: "1e0", file }, "bad-argument", /"number" must be/],
    [{ number: "1\n", file }, "bad-argument", /"number" must be/],
    [{ number: 1, file, word: "a" }, "bad-argument", /"word" must be one of/],
    [{ number: 1, file, word: "a b\0" }, "bad-argument", /"word" must be one of/],
    [{ number: 1, file: "../../etc/passwd" }, "invalid-name", /"file"/],
    [{ number: 1, file: "/etc/passwd" }, "invalid-name", /"file"/],
    [{ number: 1, file: "dir/a\0b" }, "invalid-name", /"file"/],
    [{ number: 1, file: "dir/a\nb" }, "invalid-name", /"file"/],
    [{ number: 1, file: "link" }, "symbolic-link", /"file"/],
    [{ number: 1, file: "dir" }, "is-a-directory", /"file"/],
    [{ number: 1, file: "missing" }, "not-found", /"file"/],
  ];
  for (const [given, code, message] of refusals) {
    await assert.rejects(run("say", given), { code, message }, JSON.stringify(given));
  }
  await assert.rejects(run("rm"), { code: "no-action", message: /there are say, surroundings/ });
  await assert.rejects(run("constructor"), { code: "no-action" });

  const { stdout, stderr, exitCode } = await run("surroundings");
  assert.deepEqual([stderr, exitCode], ["failed\n", 7]);
  const lines = stdout.split("\n");
  const names = lines.filter((line) => line.includes("=")).map((line) => line.split("=", 1)[0]);
  const allowed = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|TZ|TMPDIR|LC_[A-Z]+)$/;
  const strange = names.filter((name = "") => !allowed.test(name));
  // The shell's own, and the mark.
  assert.deepEqual(
    strange.sort(),
    ["MSQUICD_ACTION", ...strange.filter((name) => /^(_|OLDPWD|PWD|SHLVL)$/.test(name ?? ""))]
      .sort(),
  );
  assert.ok(lines.includes("/"));
  // None of the worker's sockets and files; what `ls` has open itself is the fourth.
  const open = lines.flatMap((line) => / (\d+) -> (?!\/dev\/null)/.exec(line)?.[1] ?? []);
  assert.deepEqual(open.sort(), ["1", "2", "3"], stdout);
  assert.ok(!stdout.includes(token) && !stdout.includes(SECRET));
  const [segment] = Array.from(Deno.readDirSync("/dev/shm"), ({ name }) => name)
    .filter((name) => name.includes(site.instance));
  assert.ok(segment !== undefined && !stdout.includes(segment));

  // Whatever the log's level is.
  const audit = await waitFor("the audit", () => {
    const lines = auditLines(manager);
    return lines.some((line) => line.includes("surroundings") && line.includes("exit code 7")) &&
      lines;
  });
  assert.ok(audit.some((line) => line.includes('"number":"-1.25"') && line.includes("begins for")));
  assert.ok(audit.some((line) => line.includes("is refused to")));
  assert.ok(!manager.stderr.includes(token));
});

/** Ignores SIGTERM, has a child in a session of its own that ignores it as well, and tells their process ids. */
const STUBBORN = `
trap '' TERM
setsid -f sh -c 'trap "" TERM; echo far $$; while :; do sleep 0.1; done'
sh -c 'trap "" TERM; echo near $$; while :; do sleep 0.1; done' &
echo self $$
while :; do sleep 0.1; done
`;

/** Waits until a stubborn action has told its three process ids. */
function stubbornPids(): {
  take: NonNullable<RunActionOptions["onOutput"]>;
  pids: Promise<number[]>;
} {
  const { promise, resolve } = Promise.withResolvers<number[]>();
  let text = "";
  return {
    take(_stream, bytes) {
      text += new TextDecoder().decode(bytes);
      const pids = Array.from(text.matchAll(/\d+/g), Number);
      if (pids.length === 3) resolve(pids);
    },
    pids: promise,
  };
}

/**
 * Has the endless action begin, once there is room: those that were ended before may have their places for a
 * moment yet.
 *
 * @returns Its processes, and what settles when it is over.
 */
async function beginEndless(
  client: Client,
  options: RunActionOptions = {},
): Promise<{ seen: number[]; over: Promise<void> }> {
  for (;;) {
    const { take, pids } = stubbornPids();
    const running = client.runAction("endless", {}, { ...options, onOutput: take });
    const refused = running.then(() => new Error("It has ended by itself"), (error) => error);
    const first = await Promise.race([pids, refused]);
    if (Array.isArray(first)) return { seen: first, over: refused.then(() => {}) };
    if (first.code !== "too-many-actions") throw first;
    await delay(20);
  }
}

Deno.test("msquicd: an action ends as a whole: at its deadline, with its client, and with its worker", async () => {
  await using served = await serve({
    late: script(STUBBORN, { timeoutMs: 1500 }),
    endless: script(STUBBORN),
    leaving: script("sleep 300 & setsid -f sleep 300; echo $$"),
  }, { maxActions: 2, stopDeadlineMs: 500 });
  const { site, manager, run, client, newClient } = served;
  const all = (pids: number[], what: string) =>
    waitFor(what, () => pids.every((pid) => !isAlive(pid)) || undefined);

  {
    const { take, pids } = stubbornPids();
    const result = await run("late", {}, { onOutput: take });
    assert.deepEqual([result.ended, result.signal], ["deadline", "SIGKILL"]);
    assert.ok((await pids).every((pid) => !isAlive(pid)), "something of it goes on");
  }
  {
    const stop = new AbortController();
    const one = await beginEndless(client, { signal: stop.signal });
    const other = await beginEndless(client, { signal: stop.signal });
    const seen = [...one.seen, ...other.seen];
    await assert.rejects(run("endless"), { code: "too-many-actions" });
    assert.ok(seen.every(isAlive));
    const { actions = [], sessions } = await client.call(messages.systemStats, {});
    assert.deepEqual(actions.map(({ name }) => name), ["endless", "endless"]);
    assert.ok(actions.every(({ session, ms }) => /^[0-9a-f]{24}$/.test(session) && ms > 0));
    assert.equal(sessions.handshaking, 0);
    stop.abort(new Error("no more"));
    await Promise.all([one.over, other.over]);
    await all(seen, "nothing is left of what a client has given up");
  }
  {
    const other = await newClient();
    const { seen, over } = await beginEndless(other);
    await other.close();
    await over;
    await all(seen, "nothing is left of what a client that has gone wanted");
  }
  {
    // What it leaves behind ends with it.
    const { stdout, exitCode } = await run("leaving");
    assert.equal(exitCode, 0);
    const session = Number(stdout);
    assert.deepEqual(leftOf(session), []);
  }
  {
    // A worker that is killed can end nothing: its manager does.
    const { seen, over } = await beginEndless(client);
    Deno.kill(manager.report.workers[0]?.pid ?? 0, "SIGKILL");
    await over;
    await all(seen, "nothing is left of what a killed worker had running");
  }
  await client.close();
  {
    await waitFor("the next worker", async () => {
      const { workers } = await site.json<{ workers: { state: string }[] }>("status");
      return workers[0]?.state === "ready" || undefined;
    });
    const other = await newClient();
    const { seen, over } = await beginEndless(other);
    await site.json("shutdown");
    await over;
    await other.close();
    assert.ok(seen.every((pid) => !isAlive(pid)), "something goes on without its worker");
  }

  /** The processes that an action has left. */
  function leftOf(session: number): number[] {
    return Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name)).filter((pid) => {
      if (!Number.isInteger(pid) || !isAlive(pid)) return false;
      try {
        const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const text = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
        return fields[3] === String(session) || text === "sleep\x00300\x00";
      } catch {
        return false;
      }
    });
  }
});

Deno.test("msquicd: action list and run: output as it comes, exit codes, and what a killed command wanted", async () => {
  await using served = await serve({
    backup: {
      command: [
        SH,
        "-c",
        'echo "to $1, $2 times"; echo careful >&2; exit 3',
        "backup",
        "{target}",
        "{n}",
      ],
      arguments: { target: { choices: ["a", "b"] }, n: { min: 1, max: 9, default: 1 } },
      timeoutMs: 20_000,
    },
    bytes: script("printf 'a\\377b\\000c\\rd'"),
    late: script("echo begun; sleep 100", { timeoutMs: 500 }),
    gone: { command: ["/nowhere/program"] },
    endless: script(STUBBORN),
    flood: script("yes", { maxOutputBytes: 2 ** 40 }),
    much: script("head -c 3000000 /dev/zero; echo; seq 1 100000", { maxOutputBytes: 1_000_000 }),
  }, { maxActions: 16 });
  const { site, run, client } = served;
  const stubborn = site.spawn("action", "run", "endless");
  const cli = (...args: string[]) => site.run("action", ...args);
  const [list, ran, json, bytes, late, unknown, malformed, wrong, gone] = await Promise.all([
    cli("list"),
    cli("run", "backup", "target=b"),
    cli("run", "backup", "target=a", "n=9", "--json"),
    cli("run", "bytes"),
    cli("run", "late"),
    cli("run", "nothing"),
    cli("run", "backup", "target"),
    cli("run", "backup", "target=c"),
    cli("run", "gone"),
  ]);
  assert.match(list.stdout, /^backup +20\.0 s +target=a\|b \[n=1\.\.9, 1 by default\]$/m);
  assert.deepEqual([ran.code, ran.stdout], [1, "to b, 1 times\n"]);
  assert.equal(ran.stderr, 'careful\nmsquicd: Action "backup" ended with exit code 3\n');
  const { error, result } = JSON.parse(json.stdout);
  assert.equal(error.code, "action-failed");
  assert.deepEqual([json.code, result.exitCode, result.action], [1, 3, "backup"]);
  assert.deepEqual(result.output.map(({ text }: { text: string }) => text).sort(), [
    "careful\n",
    "to a, 9 times\n",
  ]);
  assert.deepEqual([bytes.code, bytes.stdout], [0, "a\ufffdb\0c\rd"]);
  assert.deepEqual([late.code, late.stdout], [5, "begun\n"]);
  assert.match(late.stderr, /Action "late" took longer than it may, and was ended after \d+ ms/);
  assert.deepEqual([unknown.code, malformed.code, wrong.code, gone.code], [3, 2, 2, 1]);
  assert.match(gone.stderr, /cannot start the action's program; its log says why/);

  const seen = await waitFor("the stubborn action runs", () => {
    const pids = Array.from(stubborn.stdout.matchAll(/\d+/g), Number);
    return pids.length === 3 && pids;
  });
  assert.ok(seen.every(isAlive));
  stubborn.child.kill("SIGKILL");

  const { stdout, dropped, exitCode } = await run("much");
  assert.equal(exitCode, 0);
  assert.equal(stdout.length, 1_000_000);
  assert.equal(dropped, 3_000_001 + 588_895 - 1_000_000);

  const before = await memory();
  const stop = new AbortController();
  let taken = 0;
  const flood = run("flood", {}, {
    signal: stop.signal,
    async onOutput(_stream, bytes) {
      taken += bytes.length;
      if (taken < 1_000_000) return;
      // It takes no more, and the program has to wait.
      await new Promise((resolve) => setTimeout(resolve, 1500));
    },
  });
  await waitFor("much has come", () => taken >= 1_000_000);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const grown = await memory() - before;
  stop.abort(new Error("enough"));
  await assert.rejects(flood, /enough/);
  assert.ok(grown < 64 * 2 ** 20, `${grown} bytes more`);

  await waitFor(
    "nothing is left of what a killed command wanted",
    () => seen.every((pid) => !isAlive(pid)) || undefined,
  );

  async function memory(): Promise<number> {
    const { counters } = await client.call(messages.systemStats, {});
    return counters.rssBytes ?? 0;
  }
});

Deno.test("msquicd: a server without actions does not know of them, and says so", async () => {
  await using served = await serve({});
  const { client, run, site } = served;
  assert.deepEqual(await client.actions(), []);
  await assert.rejects(run("backup"), { code: "no-action", message: /it has no actions/ });
  const call = client.call(messages.systemActionList, {});
  await assert.rejects(call, { code: "unknown-type" });
  const { stdout, code } = await site.run("action", "list");
  assert.deepEqual([code, stdout], [0, "There are no actions\n"]);
});
