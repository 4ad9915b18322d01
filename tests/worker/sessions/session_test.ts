import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { minAckDelayMs } from "../../../ffi/mod.ts";
import { HandlerRegistry } from "../../../handlers/messages/mod.ts";
import {
  ApplicationError,
  encodeMessage,
  Flags,
  MAX_BODY_LENGTH,
  MessageType,
} from "../../../protocol/mod.ts";
import { pageOfSessions } from "../../../worker/sessions/session_pages.ts";
import { VERSION } from "../../../version.ts";
import { FailedHellos } from "../../../worker/limits/failed_hellos.ts";
import { ByteRate } from "../../../base/byte_rate.ts";
import { FakeStream, SessionBench, TOKEN } from "../fakes.ts";
import { canCompress } from "../../../transfer/compression/can_compress.ts";

const { ping, hello, goaway } = MessageType;
const GO_AWAY = { successors: [4434, 4435], deadlineMs: 5000 };
const ERROR = Flags.response | Flags.error;

Deno.test("session answers hello and is active then", async () => {
  await using bench = await SessionBench.open({ hello: false });
  const { session, connection } = bench;
  assert.equal(session.state, "authenticating");
  const { type, flags, body } = await connection.hello();
  assert.deepEqual({ type, flags }, { type: hello, flags: Flags.response });
  assert.deepEqual(body, {
    session: session.id,
    server: `msquicd/${VERSION}`,
    maxBodyLength: MAX_BODY_LENGTH,
    idleTimeoutMs: 30_000,
    ...(canCompress() ? { compressions: ["zstd"] } : {}),
    minAckDelayMs: minAckDelayMs(),
  });
  assert.equal(session.state, "active");
  assert.equal(session.agent, "test");
  assert.equal(connection.peerMinAckDelayMs, undefined);
  assert.equal(session.peer, "127.0.0.1:1234");
  assert.match(session.id, /^[0-9a-f]{24}$/);
  assert.ok(Math.abs(session.since - Date.now()) < 60_000);
});

Deno.test("session asks no client for acknowledgements sooner than it says", async () => {
  await using bench = await SessionBench.open({ hello: false });
  const { connection } = bench;
  await connection.request(hello, { token: TOKEN, minAckDelayMs: 16 }).answer();
  assert.equal(connection.peerMinAckDelayMs, 16);
});

Deno.test("session with a wrong token is told so and ended with 3", async () => {
  for (const token of ["", "the-toke", `${TOKEN} `, "x".repeat(1000)]) {
    await using bench = await SessionBench.open({ hello: false });
    const { type, flags, body } = await bench.connection.hello(token);
    assert.deepEqual([type, flags, body.code], [hello, ERROR, "wrong-token"]);
    assert.equal(await bench.connection.ended(), ApplicationError.unauthenticated);
    assert.equal(bench.session.state, "closing");
  }
});

Deno.test("session whose first stream is no hello is told so and ended with 3", async () => {
  await using bench = await SessionBench.open({ hello: false });
  const { type, flags, body } = await bench.connection.request(ping, {}).answer();
  assert.deepEqual([type, flags, body.code], [ping, ERROR, "unauthenticated"]);
  assert.equal(await bench.connection.ended(), ApplicationError.unauthenticated);
});

Deno.test("session whose hello is malformed is told so and ended with 3", async () => {
  await using bench = await SessionBench.open({ hello: false });
  const { body } = await bench.connection.request(hello, { token: 5 }).answer();
  assert.equal(body.code, "bad-body");
  assert.equal(await bench.connection.ended(), ApplicationError.unauthenticated);
});

Deno.test("session that hears no hello in time is ended with 3", async () => {
  await using bench = await SessionBench.open({ hello: false, helloTimeoutMs: 20 });
  const half = encodeMessage({ type: hello, body: { token: TOKEN } }).subarray(0, 10);
  bench.connection.open(new FakeStream([half], { open: true }));
  assert.equal(await bench.connection.ended(), ApplicationError.unauthenticated);
});

Deno.test("session counts from when the client has shown the token", async () => {
  await using bench = await SessionBench.open({ hello: false });
  assert.deepEqual(bench.counters.values, {});
  await bench.connection.hello();
  assert.equal(bench.counters.values.sessions, 1);
});

Deno.test("session counts itself, requests, errors and bytes", async () => {
  const bench = await SessionBench.open();
  const { connection, counters, session } = bench;
  const body = { text: "x".repeat(100) };
  await connection.request(MessageType.echo, body, new Uint8Array(1000)).answer();
  await connection.request(0x9000, {}).answer();
  const { bytesIn = 0, bytesOut = 0, ...others } = counters.values;
  assert.deepEqual(others, { sessions: 1, sessionsTotal: 1, requests: 3, errors: 1 });
  assert.equal(session.streams, 3);
  assert.deepEqual([session.bytesIn, session.bytesOut], [bytesIn, bytesOut]);
  assert.ok(bytesIn > 1100 && bytesIn < 1300, `${bytesIn}`);
  assert.ok(bytesOut > 1100 && bytesOut < 1500, `${bytesOut}`);
  await bench[Symbol.asyncDispose]();
  assert.equal(counters.values.sessions, 0);
  assert.equal(counters.values.sessionsTotal, 1);
});

Deno.test("session drain tells the client, and serves it until it is idle", async () => {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const handlers = new HandlerRegistry([{
    type: 0x8000,
    name: "slow",
    right: "use",
    async handle() {
      entered.resolve();
      await gate.promise;
      return { done: true };
    },
  }]);
  await using bench = await SessionBench.open({ handlers });
  const slow = bench.connection.request(0x8000, {});
  await entered.promise;
  let drained = false;
  const draining = bench.session.drain(GO_AWAY).then(() => drained = true);
  assert.equal(bench.session.state, "draining");
  const late = bench.connection.request(0x8000, {});
  const { type, flags, body } = await bench.connection.announcement();
  assert.deepEqual({ type, flags, body }, { type: goaway, flags: 0, body: GO_AWAY });
  assert.equal(drained, false);
  gate.resolve();
  assert.deepEqual((await slow.answer()).body, { done: true });
  assert.deepEqual((await late.answer()).body, { done: true });
  await draining;
});

Deno.test("session drain does not wait for a client that has not said hello", async () => {
  await using bench = await SessionBench.open({ hello: false });
  bench.connection.open(new FakeStream([], { open: true }));
  await bench.session.drain(GO_AWAY);
  assert.deepEqual(bench.connection.fromSession, []);
  bench.session.close("draining");
  assert.equal(await bench.connection.ended(), ApplicationError.shuttingDown);
});

Deno.test("session drain does not wait for a client that cannot be told, beyond its requests", async () => {
  await using bench = await SessionBench.open();
  bench.connection.openableStreams = 0;
  await bench.session.drain(GO_AWAY);
  assert.deepEqual(bench.connection.fromSession, []);
});

Deno.test("session drain is over as soon as the client has gone", async () => {
  await using bench = await SessionBench.open();
  const draining = bench.session.drain(GO_AWAY);
  bench.connection.clientCloses();
  await draining;
  assert.equal(bench.session.state, "closing");
});

Deno.test("session has the answer to one wrong token too many wait, and not to the right one", async () => {
  const limits = { wrongTokens: 1 };
  const failedHellos = new FailedHellos(limits.wrongTokens);
  const open = () => SessionBench.open({ hello: false, limits, failedHellos });
  {
    await using bench = await open();
    assert.equal((await bench.connection.hello("wrong")).body.code, "wrong-token");
  }
  await using bench = await open();
  const start = performance.now();
  const { flags, body } = await bench.connection.hello("wrong");
  assert.ok(performance.now() - start > 200);
  assert.deepEqual([flags, body.code, body.retryAfterMs], [ERROR, "too-many-attempts", 500]);
  assert.match(String(body.message), /is number 2 of this address/);
  assert.equal(await bench.connection.ended(), ApplicationError.unauthenticated);
  await using right = await open();
  assert.equal((await right.connection.hello()).flags, Flags.response);
});

Deno.test("session's bytes go no faster than they may", async () => {
  await using bench = await SessionBench.open({ limits: { bytesPerSecond: 200_000 } });
  const { connection } = bench;
  const data = new Uint8Array(60_000).fill(7);
  const start = performance.now();
  const { data: back } = await connection.request(MessageType.echo, {}, data).answer();
  // There and back, of which 50,000 go at once.
  const ms = performance.now() - start;
  assert.deepEqual(back, data);
  assert.ok(ms >= 250, `${ms}`);
  assert.equal((await connection.request(ping, {}).answer()).flags, Flags.response);
});

Deno.test("session whose bytes are paced from now on has requests wait that would be answered at once", async () => {
  let rates: ByteRate[] = [];
  await using bench = await SessionBench.open({ ratesOf: () => rates });
  const { connection, session } = bench;
  const data = new Uint8Array(60_000).fill(7);
  rates = [new ByteRate(200_000)];
  session.pace();
  const start = performance.now();
  const { body } = await connection.request(MessageType.echo, { data }).answer();
  const ms = performance.now() - start;
  assert.deepEqual(body, { data });
  assert.ok(ms >= 250, `${ms}`);
});

Deno.test("session that is kicked tells its client why, takes no more requests, and ends with 9", async () => {
  await using bench = await SessionBench.open();
  const { connection, session } = bench;
  const events = bench.events.subscribe(["session.closed"], new AbortController().signal);
  const kicked = session.dismiss("kicked", "maintenance");
  assert.equal(session.state, "closing");
  const refused = connection.request(ping, {});
  const { type, flags, body } = await connection.announcement();
  assert.deepEqual({ type, flags }, { type: MessageType.farewell, flags: 0 });
  assert.deepEqual(body, { reason: "kicked", message: "maintenance" });
  assert.deepEqual((await refused.answer()).body, {
    code: "session-ended",
    message: "Server has ended the session: maintenance",
  });
  await kicked;
  assert.equal(await connection.ended(), ApplicationError.ended);
  await bench.running;
  const { value } = await events.next();
  assert.deepEqual([value?.body.by, value?.body.reason], ["server", "kicked"]);
});

Deno.test("session that is kicked before hello, or can be told nothing, ends with 9 all the same", async () => {
  for (const hello of [false, true]) {
    await using bench = await SessionBench.open({ hello });
    bench.connection.openableStreams = 0;
    await bench.session.dismiss("kicked");
    assert.equal(await bench.connection.ended(), ApplicationError.ended);
    assert.deepEqual(bench.connection.fromSession, []);
  }
});

Deno.test("session says by whom and why it has ended, and counts it", async () => {
  const local = (errorCode: number) => ({ by: "local", errorCode }) as const;
  const ends: [(bench: SessionBench) => unknown, string, string][] = [
    [({ connection }) => connection.clientCloses(), "client", "closed"],
    [({ connection }) => connection.ends({ by: "idle", errorCode: 0 }), "network", "idle-timeout"],
    [
      ({ connection }) => connection.ends({ by: "transport", errorCode: 0, unanswered: true }),
      ...["network", "unreachable"] as const,
    ],
    [
      ({ connection }) => connection.ends({ by: "transport", errorCode: 7 }),
      ...["network", "transport-error"] as const,
    ],
    [({ session }) => session.close("stopped"), "server", "stopped"],
    [({ session }) => session.dismiss("kicked"), "server", "kicked"],
    // Not by the session: where a path carries nothing any more, or an event could not be handled.
    [({ connection }) => connection.ends(local(0)), "network", "unreachable"],
    [({ connection }) => connection.ends(local(1)), "server", "failed"],
    [
      async ({ session, connection }) => {
        const draining = session.drain(GO_AWAY);
        connection.clientCloses();
        await draining;
      },
      ...["client", "draining"] as const,
    ],
  ];
  for (const [end, by, reason] of ends) {
    await using bench = await SessionBench.open();
    const events = bench.events.subscribe(["session.closed"], new AbortController().signal);
    await end(bench);
    await bench.running;
    const { value } = await events.next();
    assert.deepEqual([value?.body.by, value?.body.reason], [by, reason]);
    const counter = `sessionsEndedBy${by[0]!.toUpperCase()}${by.slice(1)}`;
    const counted = Object.entries(bench.counters.values).filter(([name, count]) =>
      name.startsWith("sessionsEnded") && count > 0
    );
    assert.deepEqual(counted, [[counter, 1]]);
  }
});

Deno.test("session counts requests, and how long there has been none", async () => {
  const gate = Promise.withResolvers<void>();
  const handlers = new HandlerRegistry([{
    type: 0x8000,
    name: "slow",
    right: "use",
    handle: () => gate.promise.then(() => ({})),
  }]);
  await using bench = await SessionBench.open({ handlers });
  const { session, connection } = bench;
  await waitUntil(() => session.idleMs >= 20);
  const slow = connection.request(0x8000, {});
  await waitUntil(() => session.requests === 1);
  assert.deepEqual([session.idleMs, session.requestsTotal], [0, 1]);
  gate.resolve();
  await slow.answer();
  await waitUntil(() => session.requests === 0);
  assert.ok(session.idleMs < 10_000);
  assert.equal(session.requestsTotal, 1);
  assert.equal(session.path?.rttUs, 1500);
});

Deno.test("pageOfSessions() has each session in one page, whoever comes or goes meanwhile", async () => {
  await using benches = new AsyncDisposableStack();
  const sessions = new Set<SessionBench["session"]>();
  const add = async () => {
    const { session } = benches.use(await SessionBench.open());
    sessions.add(session);
    return session.id;
  };
  const ids = [await add(), await add(), await add(), await add(), await add()];
  const first = pageOfSessions(sessions, new Map(), { limit: 2 });
  assert.deepEqual(first.sessions.map(({ id }) => id), ids.slice(0, 2));
  for (const session of sessions) {
    if (ids.slice(0, 3).includes(session.id)) sessions.delete(session);
  }
  const late = await add();
  const second = pageOfSessions(sessions, new Map(), { limit: 2, after: first.next! });
  assert.deepEqual(second.sessions.map(({ id }) => id), ids.slice(3));
  const third = pageOfSessions(sessions, new Map(), { limit: 2, after: second.next! });
  assert.deepEqual(third.sessions.map(({ id }) => id), [late]);
  assert.equal(third.next, undefined);
  const { sessions: [found] } = pageOfSessions(sessions, new Map(), {
    limit: 2,
    prefix: late.slice(0, 20),
  });
  assert.equal(found?.id, late);
});

async function waitUntil(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `Waited in vain: ${condition}`);
    await delay(2);
  }
}
