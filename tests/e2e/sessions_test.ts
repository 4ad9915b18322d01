import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "../../client/mod.ts";
import type {
  CancelResult,
  KickResult,
  SessionsResult,
  TransfersResult,
} from "../../handlers/commands/mod.ts";
import "../fixtures/loaded_msquic.ts";
import { BadNetwork } from "../fixtures/network.ts";
import { names, Site, waitFor } from "./harness.ts";

const MIB = 1024 * 1024;
const SIZE = 256 * MIB;

Deno.test("msquicd: sessions and transfers of all workers are seen, kicked and cancelled", async () => {
  await using site = await Site.create(2);
  const manager = await site.start();
  const [first = 0, second = 0] = site.ports;
  // So slow that a transfer takes a minute and a half, however long what is done meanwhile takes.
  await using network = await BadNetwork.start({ targets: [first], rateMbit: 24 });
  const token = await site.token();
  const { fingerprint } = manager.report;
  const trust = ["--token", token, "--fingerprint", fingerprint];
  const server = ["--server", `127.0.0.1:${network.port}`, "--compress", "none", ...trust];
  const source = site.path("big.bin");
  for (const path of [source, join(site.root, "stored")]) {
    await Deno.create(path).then((file) => file.close());
    await Deno.truncate(path, SIZE);
  }
  const transfers = async (state: string) => {
    const { transfers } = await site.json<TransfersResult>("transfers");
    return transfers.filter((one) => one.state === state);
  };
  const underWay = (what: string) =>
    waitFor(what, async () => {
      const [one] = await transfers("moving");
      return one !== undefined && one.offset > MIB && one.rate > 0 && one;
    });

  await using idle = await connect({
    server: `127.0.0.1:${second}`,
    ...{ token, fingerprint, agent: "idle/1" },
    failover: false,
  });
  await idle.ping();
  const put = site.spawn("put", source, "--to", "a b/up", ...server);
  const up = await underWay("the upload is under way");
  assert.deepEqual(
    [up.direction, up.name, up.size, up.port, up.identity, up.resumedFrom],
    ["up", "a b/up", SIZE, first, "owner", 0],
  );
  assert.ok(up.etaMs !== null && up.etaMs > 1000, `${up.etaMs}`);
  assert.match(up.id, /^[0-9a-f]{12}$/);

  const { sessions, total, silent } = await site.json<SessionsResult>("sessions");
  assert.deepEqual([total, silent], [2, []]);
  const putting = sessions.find(({ port }) => port === first);
  const resting = sessions.find(({ port }) => port === second);
  assert.equal(putting?.id, up.session);
  assert.deepEqual([putting?.transfers, putting?.requests, putting?.idleMs], [1, 1, 0]);
  assert.ok(putting!.bytesIn > MIB && putting!.rttMs! > 0 && putting!.congestionWindow! > 0);
  assert.deepEqual(
    [resting?.agent, resting?.identity, resting?.kind, resting?.state, resting?.requestsTotal],
    ["idle/1", "owner", "owner", "active", 1],
  );
  const one = await site.json<SessionsResult>("sessions", "--port", `${second}`, "--limit", "1");
  assert.deepEqual(one.sessions.map(({ id }) => id), [resting!.id]);
  const shown = await site.run("sessions", "--sort", "in");
  assert.match(shown.stdout, new RegExp(`^ID .*\n${putting!.id.slice(0, 8)} .* 1/\\d `));

  // Seen again and again, until Ctrl-C.
  const watching = site.spawn("transfers", "--watch", "--json");
  await waitFor("two lines", () => watching.stdout.split("\n").length > 2);
  watching.child.kill("SIGINT");
  assert.equal((await watching.finished).code, 130);
  const [line = ""] = watching.stdout.split("\n");
  assert.equal(JSON.parse(line).transfers[0].id, up.id);

  const cancelled = await site.json<CancelResult>(
    "cancel",
    up.id.slice(0, 6),
    "--reason",
    "enough",
  );
  assert.equal(cancelled.transfer.name, "a b/up");
  const { code, stderr } = await put.finished;
  assert.equal(code, 4, stderr);
  assert.match(stderr, /transfer was cancelled by the server's operator: enough/);
  assert.deepEqual(names(join(site.root, ".msquicd", "uploads")), []);

  // What is interrupted waits, under the same id, and can be removed.
  const again = site.spawn("put", source, "--to", "a b/up", ...server);
  await underWay("it is under way again");
  again.child.kill("SIGINT");
  assert.equal((await again.finished).code, 130);
  const [waits] = await waitFor("it waits", async () => {
    const waiting = await transfers("waiting");
    return waiting.length === 1 && waiting;
  });
  assert.deepEqual([waits?.name, waits?.port, waits?.rate], ["a b/up", null, 0]);
  assert.equal(
    (await site.run("cancel", waits!.id)).stdout.startsWith("Removed what waited"),
    true,
  );
  assert.deepEqual(await transfers("waiting"), []);

  const get = site.spawn("get", "stored", "-o", site.path("got"), "--no-resume", ...server);
  const down = await underWay("the download is under way");
  assert.deepEqual([down.direction, down.name, down.size], ["down", "stored", SIZE]);
  const ended = await site.run("kick", down.session!.slice(0, 8), "--reason", "maintenance");
  assert.match(
    ended.stdout,
    /^Ended session .* 1 request was under way\n {2}[0-9a-f]{12}: down stored, /,
  );
  const got = await get.finished;
  assert.equal(got.code, 4, got.stderr);
  assert.match(got.stderr, /Server has ended the session: maintenance/);

  const kicked = await site.json<KickResult>("kick", resting!.id);
  assert.deepEqual([kicked.session.id, kicked.transfers], [resting!.id, []]);
  await assert.rejects(idle.ping(), {
    code: "session-ended",
    message: "Server has ended the session",
  });
  assert.equal((await site.run("kick", resting!.id)).code, 3);
  assert.equal((await site.run("cancel", up.id)).code, 3);
  assert.equal((await site.run("kick", "abc")).code, 2);
  assert.equal((await site.run("sessions", "--sort", "size")).code, 2);
  assert.equal((await site.run("shutdown", "--now")).code, 0);
  await manager.finished;
  await site.assertNothingLeft();
});
