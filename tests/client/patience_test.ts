import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { attemptLimit } from "../../client/failover.ts";
import { firstConnection } from "../../client/first_connection.ts";
import { type ConnectionNotice, Patience } from "../../client/patience.ts";
import { ConnectError } from "../../ffi/mod.ts";
import { RemoteError } from "../../protocol/mod.ts";
import { LOST, Net, request, until } from "./fake_net.ts";

Deno.test("Roaming tries every server once without patience, and then says so", async () => {
  const net = new Net();
  net.up(1);
  const roaming = await net.roam([1, 2, 3], { retryForMs: 0 });
  net.down(1);
  net.to(1).connection.end(LOST);
  await assert.rejects(request(roaming), { code: "connect-failed" });
  assert.deepEqual(net.tried, [1, 2, 3, 1]);
  await roaming.close();
});

Deno.test("Roaming goes to another server without patience, too", async () => {
  const net = new Net();
  for (const port of [1, 3]) net.up(port);
  const roaming = await net.roam([1, 2, 3], { retryForMs: 0 });
  net.down(1);
  net.to(1).connection.end(LOST);
  assert.deepEqual(await request(roaming), { port: 3 });
  await roaming.close();
});

Deno.test("Roaming ends its search at a server that refuses, unless another one serves", async () => {
  const net = new Net();
  net.up(1);
  const refusal = new RemoteError("wrong-token", "Token is wrong");
  const roaming = await net.roam([1, 2]);
  net.refuses.set(1, refusal);
  net.up(2);
  net.to(1).connection.end(LOST);
  await request(roaming);
  net.refuses.set(2, new ConnectError("wrong-fingerprint", 1, "Another one"));
  net.to(2).connection.end(LOST);
  await assert.rejects(request(roaming), (error) => error === refusal);
  assert.deepEqual(net.tried, [1, 2, 1, 2]);
  await roaming.close();
});

Deno.test("Roaming says once that it looks for a server, and when it has one", async () => {
  const net = new Net();
  net.up(1);
  const notices: ConnectionNotice[] = [];
  const roaming = await net.roam([1], { onConnection: (notice) => notices.push(notice) });
  net.to(1).connection.end(LOST); // and is back at once: not worth a word
  await request(roaming);
  net.down(1);
  net.to(1).connection.end(LOST);
  const waiting = request(roaming);
  await until("it is told", () => notices.length > 0);
  net.up(1);
  await waiting;
  const [lost, back, ...more] = notices;
  assert.deepEqual([lost, more], [
    { state: "searching", reason: "Connection to host:1 lost: lost", retryForMs: 5000 },
    [],
  ]);
  assert.ok(back?.state === "connected" && back.server === "host:1");
  assert.ok(back.ms >= 1000 && back.ms < 5000, `${back.ms}`);
  await roaming.close();
});

Deno.test("Patience does not count for how long this process was stopped", async () => {
  using patience = new Patience({ retryForMs: 400 });
  patience.begin(() => "lost");
  await patience.spend(1, delay(500)); // which nothing takes that may take 1 ms
  assert.equal(patience.over, false);
  assert.equal(patience.spentMs, 301);
  await patience.spend(500, delay(120));
  assert.equal(patience.over, true);
});

Deno.test("firstConnection() waits for a server that is not there, as long as it is told to", async () => {
  const net = new Net();
  const connect = () => net.dial({ hostname: "host", port: 1 });
  const limitMs = 1000;
  await assert.rejects(firstConnection(connect, { retryForMs: 0, limitMs }), {
    code: "unreachable",
  });
  assert.equal(net.tried.length, 1);
  await assert.rejects(firstConnection(connect, { retryForMs: 100, limitMs }), {
    code: "unreachable",
  });
  assert.ok(net.tried.length > 2, `${net.tried}`);
  const coming = firstConnection(connect, { retryForMs: 5000, limitMs });
  net.up(1);
  const link = await coming;
  assert.equal(link.server, "host:1");
  await link.close();
});

Deno.test("firstConnection() does not wait for a server that refuses, nor when it is cancelled", async () => {
  const net = new Net();
  net.up(1);
  const refusal = new RemoteError("wrong-token", "Token is wrong");
  net.refuses.set(1, refusal);
  const connect = () => net.dial({ hostname: "host", port: 1 });
  const patient = { retryForMs: 60_000, limitMs: 1000 };
  await assert.rejects(firstConnection(connect, patient), (error) => error === refusal);
  net.refuses.clear();
  net.down(1);
  const aborting = new AbortController();
  const reason = new Error("Changed my mind");
  const { signal } = aborting;
  const waiting = firstConnection(connect, { ...patient, signal });
  aborting.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
});

Deno.test("attemptLimit() follows the path, and is as long as a first attempt now and then", () => {
  const limits = (roundTripMs: number) =>
    [0, 1, 2, 3, 4].map((round) => attemptLimit(round, roundTripMs, 10_000));
  assert.deepEqual(limits(1), [2000, 2000, 2000, 10_000, 2000]);
  assert.deepEqual(limits(600), [6000, 6000, 6000, 10_000, 6000]);
  assert.deepEqual(limits(5000), [10_000, 10_000, 10_000, 10_000, 10_000]);
  assert.equal(attemptLimit(0, 1, 300), 300);
});
