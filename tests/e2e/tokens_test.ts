import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Client, connect } from "../../client/mod.ts";
import { ApplicationError } from "../../protocol/mod.ts";
import { Authority } from "../fixtures/authority.ts";
import { within } from "../ffi/within.ts";
import { commandLineOf, Site, type StartReport, waitFor } from "./harness.ts";

interface Token {
  name: string;
  token: string;
  allow: string[];
  expiresAt: number | null;
  ended: number;
}

const KEEP = ["--on-manager-loss", "keep"];

/** Waits until a token has so many sessions: a client that is sent to another worker has two for a moment. */
async function hasSessions(site: Site, token: string, count: number): Promise<void> {
  await waitFor("each client has one session", async () => {
    const { sessions } = await site.json<{ sessions: { identity: string }[] }>("sessions");
    return sessions.filter(({ identity }) => identity.includes(token)).length === count;
  });
}

Deno.test("Tokens: made and shown once, kept to what they allow, and taken back in every worker at once", async () => {
  await using site = await Site.create(2);
  await Deno.writeTextFile(site.path("config.jsonc"), '{ "stallDeadlineMs": 1500 }');
  const flags = ["--config", site.path("config.jsonc"), ...KEEP];
  const running = await site.start(...flags, "--log-level", "trace");
  const { report, child, finished } = running;
  const owner = await site.token();
  const made = await site.json<Token>(
    ...["token", "add", "ci", "--allow", "read,write", "--allow", "call:*", "--expires", "1h"],
  );
  assert.deepEqual([made.name, made.allow], ["ci", ["read", "write", "call:*"]]);
  assert.ok(Math.abs(made.expiresAt! - Date.now() - 3_600_000) < 60_000);
  const again = await site.run("token", "add", "ci");
  assert.deepEqual([again.code, /to replace it: .*token rotate ci/.test(again.stderr)], [6, true]);

  // Nobody is shown it again.
  const [list, text] = [await site.run("token", "list"), await site.run("token")];
  assert.match(list.stdout, /^ci +read write call:\* .* UTC/m);
  assert.equal(list.stdout, text.stdout);
  for (const kept of [list.stdout, await Deno.readTextFile(join(site.state, "tokens.json"))]) {
    assert.ok(kept.includes("ci") && !kept.includes(made.token));
  }

  await Deno.writeTextFile(site.path("a.txt"), "hello");
  const as = (...args: string[]) => site.run(...args, "--token", made.token);
  assert.equal((await as("put", site.path("a.txt"))).code, 0);
  const [ls, rm, replaced] = await Promise.all([
    as("ls"),
    as("rm", "a.txt"),
    as("put", site.path("a.txt"), "--overwrite", "always"),
  ]);
  assert.match(ls.stdout, / a\.txt$/m);
  assert.deepEqual([rm.code, replaced.code], [4, 4]);
  const lacking = 'needs the right "delete", which token "ci" does not have';
  assert.match(rm.stderr, new RegExp(lacking));

  // Under load in every worker.
  await using stack = new AsyncDisposableStack();
  const clientOf = async (port: number, token: string, report: StartReport) =>
    stack.use(await connect({ server: `127.0.0.1:${port}`, token, ...pin(report) }));
  const clients = await Promise.all(
    [...site.ports, ...site.ports].map((port) => clientOf(port, made.token, report)),
  );
  const owners = await Promise.all(site.ports.map((port) => clientOf(port, owner, report)));
  const loads = clients.map((client) => flood(client));
  await waitFor("the load runs", () => loads.every(({ answered }) => answered > 20));
  await hasSessions(site, "ci", clients.length);
  const revoked = await site.json<{ ended: number }>("token", "revoke", "ci");
  assert.equal(revoked.ended, clients.length);
  for (const [index, client] of clients.entries()) {
    const { errorCode } = await within(5000, "the end of a session", client.ended);
    assert.equal(errorCode, ApplicationError.revoked);
    assert.equal(await within(5000, "the end of the load", loads[index]!.over), "wrong-token");
  }
  for (const client of owners) await client.ping();
  assert.ok(running.stderr.includes("is not good any more"), "the log was not read");
  assert.ok(!running.stderr.includes(made.token));
  const refused = await as("ls");
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /Token is wrong/);

  // Workers that start later know it, and those that are adopted by another manager.
  const second = await site.json<Token>("token", "add", "second", "--allow", "read");
  await site.json("restart", String(site.ports[0]));
  child.kill("SIGKILL");
  await finished;
  const next = await site.start(...flags);
  assert.match(next.stderr, /goes on, pid/);
  const seconds = await Promise.all(
    site.ports.map((port) => clientOf(port, second.token, next.report)),
  );
  for (const client of seconds) {
    assert.equal((await Array.fromAsync(client.list()))[0]?.name, "a.txt");
  }
  await hasSessions(site, "second", seconds.length);
  const rotated = await site.json<Token>("token", "rotate", "second");
  assert.equal(rotated.ended, seconds.length);
  for (const client of seconds) {
    const { errorCode } = await within(5000, "the end of a session", client.ended);
    assert.equal(errorCode, ApplicationError.revoked);
  }
  const third = await clientOf(site.ports[1]!, rotated.token, next.report);
  await third.ping();

  // One that does not even notice is ended.
  const stopped = next.report.workers.find(({ port }) => port === site.ports[1])!;
  Deno.kill(stopped.pid, "SIGSTOP");
  await site.json("token", "revoke", "second");
  assert.deepEqual(await site.json("token", "list"), []);
  await assert.rejects(third.ping(), { code: "wrong-token" });
  await site.json("shutdown");
  await site.assertNothingLeft();
});

Deno.test("What a token may be is checked; a manager whose list of them makes no sense does not start", async () => {
  await using site = await Site.create(1);
  using authority = new Authority("ours");
  const shown = await authority.sign([{ name: "commonName", value: "laptop" }]);
  const config = {
    anonymous: { allow: ["read"], prefix: "box" },
    clientCa: await authority.file(),
    clients: { laptop: { commonName: "laptop", allow: ["write"] } },
  };
  await Deno.writeTextFile(site.path("config.jsonc"), JSON.stringify(config));
  const { report } = await site.start("--config", site.path("config.jsonc"));
  await site.json("token", "add", "ci", "--allow", "read");
  const wrong = [
    ["token", "add", "-x"],
    ["token", "add", "owner"],
    ["token", "rotate", "owner"],
    ["token", "revoke", "owner"],
    ["token", "add", "a b"],
    ["token", "add", "x", "--allow", "everything"],
    ["token", "add", "x", "--allow", "read,"],
    ["token", "add", "x", "--expires", "tomorrow"],
    ["token", "add", "x", "--expires", "2001-01-01"],
    ["token", "add", "x", "--prefix", "../up"],
  ];
  const ended = await Promise.all(wrong.map((args) => site.run(...args)));
  assert.deepEqual(ended.map(({ code }) => code), wrong.map(() => 2));
  assert.equal((await site.run("token", "revoke", "x")).code, 3);
  const { prefix, token } = await site.json<{ prefix: string; token: string }>(
    ...["token", "add", "boxed", "--allow", "read,write", "--prefix", "box/"],
  );
  assert.equal(prefix, "box");
  await Deno.writeTextFile(site.path("a.txt"), "hello");
  const put = (to: string) => site.run("put", site.path("a.txt"), "--to", to, "--token", token);
  assert.deepEqual([(await put("box/a.txt")).code, (await put("top.txt")).code], [0, 4]);

  // From a machine that knows of no instance.
  const stranger = (...args: string[]) => {
    const server = ["--server", `127.0.0.1:${site.ports[0]}`, "--fingerprint", report.fingerprint];
    const [program, ...words] = commandLineOf([...args, ...server]);
    const env = { ...site.env, MSQUICD_STATE_DIR: site.path("elsewhere") };
    return site.spawnProgram(program, words, { env }).finished;
  };
  const own = ["--cert", shown.certificateFile, "--key", shown.privateKeyFile];
  const [ls, stored, half, denied] = await Promise.all([
    stranger("ls", "-r"),
    stranger("put", site.path("a.txt"), "--to", "laptop.txt", ...own),
    stranger("ls", ...own.slice(0, 2)),
    stranger("put", site.path("a.txt"), "--to", "box/b.txt"),
  ]);
  assert.deepEqual([ls.code, stored.code, half.code, denied.code], [0, 0, 2, 4], stored.stderr);
  assert.match(ls.stdout, / box\/a\.txt$/m);
  assert.match(denied.stderr, /the right "write", which a client without a token does not have/);
  await site.json("shutdown");
  const file = join(site.state, "tokens.json");
  const damaged = (await Deno.readTextFile(file)).slice(0, -10);
  await Deno.writeTextFile(file, damaged);
  const { code, stderr } = await site.run("start", "--no-shell", "--ports", `${site.ports[0]}`);
  assert.equal(code, 4);
  assert.match(stderr, /Cannot use the tokens in ".*tokens\.json": it is no JSON; put back/);
  assert.equal(await Deno.readTextFile(file), damaged);
});

function pin({ fingerprint }: StartReport) {
  return { fingerprint, timeoutMs: 10_000 };
}

/** Asks without a pause until that is refused; tells with which code. */
function flood(client: Client): { answered: number; over: Promise<string> } {
  const load = { answered: 0, over: Promise.resolve("") };
  const one = async (): Promise<string> => {
    try {
      for (;;) {
        await client.echo({ text: "x".repeat(100) }, new Uint8Array(5000));
        load.answered++;
      }
    } catch (error) {
      return String((error as { code?: unknown }).code);
    }
  };
  load.over = Promise.all([one(), one(), one(), one()]).then((codes) => [...new Set(codes)].join());
  return load;
}
