import assert from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import "../fixtures/loaded_msquic.ts";
import { connect } from "../../client/mod.ts";
import { commandLineOf, type Finished, isAlive, names, Site, waitFor } from "./harness.ts";
import { quoted } from "./terminal.ts";

const LINUX = Deno.build.os === "linux";

/** Runs `msquicd` with its standard streams as a shell redirects them. */
async function redirected(site: Site, redirection: string, ...args: string[]): Promise<Finished> {
  const command = `${quoted(commandLineOf(args))} ${redirection}`;
  return await site.spawnProgram("/bin/bash", ["-c", command], { env: site.env }).finished;
}

// 1.3, E1
Deno.test({
  name: "msquicd: a log that nobody reads holds nothing up, and says later what is missing",
  ignore: !LINUX,
  async fn() {
    await using site = await Site.create(1);
    const [program, ...args] = site.commandLine(
      ...["start", "--no-shell", "--log-level", "debug", "--log-format", "json", "--json"],
      ...["--ports", site.ports.join(","), "--root", site.root],
    );
    // Like a named pipe that somebody holds open and does not read.
    const manager = new Deno.Command(program, {
      ...{ args, env: site.env, stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn();
    try {
      const reader = manager.stdout.getReader();
      const { value } = await reader.read();
      reader.releaseLock();
      const report = JSON.parse(new TextDecoder().decode(value));
      await refuseMany(site, report.fingerprint);
      assert.equal((await site.run("status")).code, 0);
      const [before] = (await site.json<Status>("status")).workers;
      Deno.kill(before?.pid ?? 0, "SIGKILL");
      await waitFor("the worker is replaced", async () => {
        const [worker] = (await site.json<Status>("status")).workers;
        return worker?.state === "ready" && worker.pid !== before?.pid;
      });
      await Deno.writeTextFile(site.path("file"), "content");
      assert.equal((await site.run("put", site.path("file"))).code, 0);

      // Somebody reads at last.
      let text = "";
      const reading = (async () => {
        for await (const piece of manager.stderr.pipeThrough(new TextDecoderStream())) {
          text += piece;
        }
      })();
      const lost = await waitFor("a line about lost lines", () => /^.*"lost":.*$/m.exec(text)?.[0]);
      const { level, lost: count, message } = JSON.parse(lost);
      assert.equal(level, "warning");
      assert.ok(count > 100, lost);
      assert.ok(message.startsWith(`${count} log lines got lost`), lost);
      manager.kill("SIGTERM");
      assert.equal((await manager.status).code, 0);
      await reading;
      for (const line of text.trimEnd().split("\n")) JSON.parse(line);
      assert.match(text, /Shutting down: SIGTERM/);
    } finally {
      if (isAlive(manager.pid)) manager.kill("SIGKILL");
      await manager.stdout.cancel();
      await manager.status;
    }
    await site.assertNothingLeft();
  },
});

interface Status {
  pid: number;
  workers: { pid: number; state: string }[];
}

/** Has the worker log some 3 MB: what a pipe and both processes have room for, and more. */
async function refuseMany(site: Site, fingerprint: string): Promise<void> {
  const token = await site.token();
  await using client = await connect({ server: `127.0.0.1:${site.ports[0]}`, token, fingerprint });
  const name = Array.from({ length: 4 }, () => "x".repeat(200)).join("/");
  for (let batch = 0; batch < 25; batch++) {
    await Promise.allSettled(Array.from({ length: 100 }, () => client.stat(name)));
  }
}

// E2
Deno.test({
  name: "msquicd: what cannot be written to standard output ends a command with a reason",
  ignore: !LINUX,
  async fn() {
    await using site = await Site.create(1);
    const manager = await site.start();
    const file = site.path("file");
    await Deno.writeTextFile(file, "content");
    const instance = ["--instance", site.instance];
    const full = "msquicd: Cannot write to standard output: no space is left on the device\n";
    const runs = await Promise.all([
      redirected(site, ">/dev/full", "--help"),
      redirected(site, ">/dev/full", "version", "--json"),
      redirected(site, ">/dev/full", "put", file, "--json", ...instance),
      redirected(site, ">/dev/full", "stat", "missing", "--json", ...instance),
      redirected(site, ">/dev/full", "status", ...instance),
    ]);
    for (const { code, stderr } of runs) {
      assert.deepEqual({ code, stderr }, { code: 7, stderr: full });
    }

    // A pipe whose reader has ended.
    const unread = `exec 3> >(true); wait $!; ${quoted(commandLineOf(["--help"]))} >&3`;
    const { code, stderr } = await site.spawnProgram("/bin/bash", ["-c", unread], {
      env: site.env,
    }).finished;
    assert.deepEqual([code, stderr], [141, ""], "that nobody reads is nothing to complain of");
    const redirections = [">&-", "<&-", "2>&-", "2>/dev/full", "<&- >&- 2>&-"];
    await Promise.all(redirections.map(async (redirection) => {
      const ping = await redirected(site, redirection, "ping", "-n", "1", ...instance);
      assert.deepEqual([ping.code, ping.stderr], [0, ""], redirection);
      const missing = await redirected(site, redirection, "stat", "missing", ...instance);
      assert.equal(missing.code, 3, redirection);
    }));
    manager.child.kill("SIGTERM");
    assert.equal((await manager.finished).code, 0);
    await site.assertNothingLeft();
  },
});

// D5, E3, F4
Deno.test({
  name: "msquicd: start --detach keeps its log, outlives SIGHUP, and is not started twice",
  ignore: !LINUX,
  async fn() {
    await using site = await Site.create(1);
    const log = join(site.state, "manager.log");
    const start = ["start", "--detach", "--ports", site.ports.join(","), "--root", site.root];
    const { pid } = await site.json<{ pid: number }>(...start);

    const before = await Deno.readTextFile(log);
    const again = await site.run(...start);
    assert.equal(again.code, 6);
    assert.match(
      again.stderr,
      new RegExp(`^msquicd: Cannot start instance .* pid ${pid} runs it.*\n$`),
    );
    assert.equal(await Deno.readTextFile(log), before, "the running manager's log is its own");

    Deno.kill(pid, "SIGHUP");
    const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO {2}manager: SIGHUP is ignored/m;
    await waitFor("it says so", async () => LINE.test(await Deno.readTextFile(log)));
    await Deno.rename(log, `${log}-20261130`);
    await delay(1100);
    Deno.kill(pid, "SIGHUP");
    await waitFor("the log is begun anew", async () => {
      return names(site.state).includes("manager.log") && LINE.test(await Deno.readTextFile(log));
    });
    // What the runtime or native code says of a crash goes the same way.
    assert.equal(await Deno.readLink(`/proc/${pid}/fd/2`), log);
    assert.equal((await Deno.stat(log)).mode! & 0o777, 0o600);
    assert.equal((await site.run("shutdown")).code, 0);
    assert.match(
      await Deno.readTextFile(log),
      /Worker \d+ is stopped\n.* audit: Command shutdown .*: ok\n$/,
    );
    await site.assertNothingLeft();
  },
});
