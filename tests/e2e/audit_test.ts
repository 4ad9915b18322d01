import assert from "node:assert/strict";
import { join } from "node:path";
import "../fixtures/loaded_libc.ts";
import { commandLineOf, processesOf, Site, waitFor } from "./harness.ts";

interface Line {
  time: string;
  event: string;
  result: string;
  identity?: string;
  session?: string;
  peer?: string;
  target?: string;
  parameters?: string;
}

function linesOf(path: string): Line[] {
  return Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** What everybody on the machine, or at least this user, can read of a process. */
function shownOf(pid: number): string {
  return ["cmdline", "environ"].map((name) => Deno.readTextFileSync(`/proc/${pid}/${name}`)).join();
}

// Of refusals and changes there is a line each; of secrets there is nothing, wherever one looks.
Deno.test("Refusals and changes are in the audit file, and secrets nowhere", async () => {
  await using site = await Site.create(2);
  const audit = site.path("audit.jsonl");
  const config = site.path("msquicd.jsonc");
  await Deno.writeTextFile(config, JSON.stringify({ auditFile: "audit.jsonl" }));
  const manager = await site.start("--config", config, "--log-level", "trace");
  const { report } = manager;
  const owner = await site.token();
  const added = await site.json<{ token: string }>("token", "add", "ci", "--allow", "write");
  await Deno.writeTextFile(site.path("file"), "content");
  assert.equal((await site.run("put", site.path("file"), "--to", "one")).code, 0);
  const server = `127.0.0.1:${report.ports[0]}`;
  const as = (token: string, ...words: string[]) => {
    const trust = ["--server", server, "--fingerprint", report.fingerprint];
    const [program, ...args] = commandLineOf([...words, ...trust]);
    return site.spawnProgram(program, args, { env: { ...site.env, MSQUICD_TOKEN: token } })
      .finished;
  };
  const said: string[] = [];
  for (
    const finished of [
      await as(added.token, "rm", "one"),
      await as(`${added.token.slice(0, -1)}x`, "ls"),
      await site.run("config", "show", "--json"),
      await site.run("config", "show"),
      await site.run("token", "list", "--json"),
      await site.run("status", "--json"),
      await site.run("system", "info", "--json"),
    ]
  ) said.push(finished.stdout, finished.stderr);
  await site.json("token", "revoke", "ci");

  const wanted: [event: string, result: string, more: Partial<Line>][] = [
    ["server.start", "ok", {}],
    ["token.add", "ok", {}],
    ["file.put", "ok", { identity: "owner", target: "one" }],
    ["file.delete", "permission-denied", { identity: "ci", target: "one" }],
    ["session.refused", "unauthenticated", {}],
    ["token.revoke", "ok", {}],
  ];
  const isThere = ([event, result, more]: typeof wanted[number]) =>
    linesOf(audit).some((line) =>
      line.event === event && line.result === result &&
      Object.entries(more).every(([key, value]) => line[key as keyof Line] === value)
    );
  await waitFor("all of it is written down", () => wanted.every(isThere)).catch((error) =>
    assert.fail(`${error.message}: ${Deno.readTextFileSync(audit)}`)
  );
  const put = linesOf(audit).find(({ event }) => event === "file.put");
  assert.match(put?.peer ?? "", /^127\.0\.0\.1:\d+$/);
  assert.match(put?.session ?? "", /^[0-9a-f]{24}$/);
  assert.equal((await Deno.stat(audit)).mode! & 0o777, 0o600);

  const pids = processesOf(site.instance);
  assert.ok(pids.length >= 3);
  const shown = pids.map(shownOf);
  await site.json("shutdown");
  await manager.finished;
  assert.ok(linesOf(audit).some(({ event, result }) => event === "server.stop" && result === "ok"));
  const everything = [
    ...said,
    ...shown,
    manager.stderr,
    manager.stdout,
    Deno.readTextFileSync(audit),
  ];
  const key = (await Deno.readTextFile(join(site.state, "key.pem"))).split("\n")[1] ?? "";
  assert.ok(key.length > 40);
  for (const secret of [owner, added.token, added.token.slice(0, -1), key]) {
    for (const text of everything) assert.ok(!text.includes(secret), text.slice(0, 2000));
  }
  await site.assertNothingLeft();
});
