import assert from "node:assert/strict";
import fc from "fast-check";
import type { ConnectionEnd } from "../../ffi/mod.ts";
import { ApplicationError, encodeAnswer, encodeMessage, MessageType } from "../../protocol/mod.ts";
import { answering, LEFT, LOST, Net, request, until } from "./fake_net.ts";

Deno.test("Roaming sends new requests to the successor, and closes the old connection after its last", async () => {
  const net = new Net();
  const gate = Promise.withResolvers<void>();
  net.up(1, async (message, stream, reader) => {
    await gate.promise;
    await answering(1)(message, stream, reader);
  });
  net.up(2);
  const roaming = await net.roam([1]);
  const old = request(roaming);
  await until("the request is there", () => net.to(1).server.streams.length === 1);
  net.to(1).connection.goAway({ successors: [2], deadlineMs: 1000 });
  await until("it moves", () => roaming.link.address.port === 2);
  assert.deepEqual(await request(roaming), { port: 2 });
  assert.equal(net.to(1).connection.over, false);
  gate.resolve();
  assert.deepEqual(await old, { port: 1 });
  await until("the old connection is closed", () => net.to(1).connection.over);
  await roaming.close();
  assert.equal((await roaming.ended).by, "local");
});

Deno.test("Roaming uses the old connection while no successor can be reached", async () => {
  const net = new Net();
  net.up(1);
  const roaming = await net.roam([1]);
  net.to(1).connection.goAway({ successors: [2, 3], deadlineMs: 1000 });
  await until("all are tried", () => net.tried.length >= 5);
  assert.deepEqual(net.tried.slice(0, 5), [1, 2, 3, 2, 3]);
  assert.deepEqual(await request(roaming), { port: 1 });
  net.down(1);
  net.up(3);
  await until("it moves", () => roaming.link.address.port === 3);
  assert.deepEqual(await request(roaming), { port: 3 });
  await roaming.close();
});

Deno.test("Roaming moves on from a successor that goes away as soon as it is reached", async () => {
  const net = new Net();
  for (const port of [1, 2, 3]) net.up(port);
  const roaming = await net.roam([1]);
  net.onConnect = (port) => {
    if (port === 2) net.to(2).connection.goAway({ successors: [3], deadlineMs: 1000 });
  };
  net.to(1).connection.goAway({ successors: [2], deadlineMs: 1000 });
  await until("it moves twice", () => roaming.link.address.port === 3);
  await until("the old ones are closed", () => net.to(2).connection.over);
  await roaming.close();
});

Deno.test("Roaming looks for another server at once when the one that it found is lost at once", async () => {
  const net = new Net();
  for (const port of [1, 2, 3]) net.up(port);
  const roaming = await net.roam([1]);
  net.onConnect = (port) => {
    if (port === 2) net.to(2).connection.end(LOST);
  };
  net.to(1).connection.goAway({ successors: [2, 3], deadlineMs: 1000 });
  await until("it moves twice", () => roaming.link.address.port === 3);
  await roaming.close();
});

Deno.test("Roaming leaves a server that names no successor, and waits for it to come back", async () => {
  const net = new Net();
  net.up(1);
  const roaming = await net.roam([1]);
  net.down(1);
  net.to(1).connection.goAway({ successors: [], deadlineMs: 1000 });
  await until("it has left", () => net.to(1).connection.over);
  const waiting = request(roaming);
  await until("it is tried", () => net.tried.length > 1);
  net.up(1);
  assert.deepEqual(await waiting, { port: 1 });
  assert.equal(net.connections.length, 2);
  await roaming.close();
});

Deno.test("Roaming gives up when no server answers in time, and says what it tried", async () => {
  const net = new Net();
  net.up(1);
  const roaming = await net.roam([1], { retryForMs: 100 });
  net.down(1);
  net.to(1).connection.end(LOST);
  const failure = {
    name: "NoServerError",
    message:
      /Connection to host:1 lost, and after \d+ ms of trying no server answers: Nothing listens on 1/,
  };
  await assert.rejects(request(roaming), failure);
  await assert.rejects(request(roaming), failure);
  assert.equal(await roaming.ended, LOST);
  await roaming.close();
});

Deno.test("Roaming does not come back to a server that does not want it", async () => {
  const net = new Net();
  net.up(1);
  const roaming = await net.roam([1]);
  const end: ConnectionEnd = { ...LEFT, errorCode: ApplicationError.unauthenticated };
  net.to(1).connection.end(end);
  assert.equal(await roaming.ended, end);
  await assert.rejects(request(roaming), { code: "connection-ended" });
  assert.deepEqual(net.tried, [1]);
  await roaming.close();
});

Deno.test("Link asks no server for acknowledgements sooner than it says", async () => {
  for (const said of [{}, { minAckDelayMs: 16 }]) {
    const net = new Net();
    net.up(1);
    net.saysToo = said;
    const roaming = await net.roam([1]);
    assert.equal(net.to(1).connection.peerMinAckDelayMs, said.minAckDelayMs);
    await roaming.close();
  }
});

Deno.test("Roaming stays where it is, and ends there, without failover", async () => {
  const net = new Net();
  net.up(1);
  net.up(2);
  const roaming = await net.roam([1, 2], { failover: false });
  net.to(1).connection.goAway({ successors: [2], deadlineMs: 1000 });
  assert.deepEqual(await request(roaming), { port: 1 });
  net.to(1).connection.end(LEFT);
  assert.equal(await roaming.ended, LEFT);
  await assert.rejects(request(roaming), { code: "connection-ended" });
  assert.deepEqual(net.tried, [1]);
  await roaming.close();
});

Deno.test("Roaming cancels a request that waits for a connection", async () => {
  const net = new Net();
  net.up(1);
  const roaming = await net.roam([1]);
  net.down(1);
  net.to(1).connection.end(LOST);
  const aborting = new AbortController();
  const reason = new Error("Changed my mind");
  const waiting = assert.rejects(
    request(roaming, { signal: aborting.signal }),
    (error) => error === reason,
  );
  await until("it is tried", () => net.tried.length > 1);
  aborting.abort(reason);
  await waiting;
  const another = assert.rejects(request(roaming), { code: "connection-ended" });
  await roaming.close();
  await another;
});

Deno.test("Link ignores what it does not understand from a server, and goes on listening", async () => {
  const net = new Net();
  net.up(1);
  net.up(2);
  const roaming = await net.roam([1]);
  const { connection } = net.to(1);
  const { goaway } = MessageType;
  const rubbish = [
    new Uint8Array(20).fill(0xee),
    new Uint8Array(),
    encodeAnswer(goaway, { successors: [2], deadlineMs: 1 }),
    encodeAnswer(99, {}),
  ];
  const streams = rubbish.map((bytes) => connection.push(bytes));
  await until("all are closed", () => streams.every(({ closed }) => closed));
  assert.deepEqual(await request(roaming), { port: 1 });
  connection.goAway({ successors: [2], deadlineMs: 1000 });
  await until("it moves", () => roaming.link.address.port === 2);
  await roaming.close();
});

Deno.test("Roaming answers every request, whatever happens to servers, while one of three is up", async () => {
  const fate = fc.record({
    port: fc.constantFrom(1, 2, 3),
    how: fc.constantFrom("goaway", "kill", "close"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { minLength: 1, maxLength: 6 }), async (fates) => {
      const net = new Net();
      for (const port of [1, 2, 3]) net.up(port);
      const roaming = await net.roam([1, 2, 3]);
      for (const { port, how } of fates) {
        const running = Array.from({ length: 3 }, () => request(roaming));
        net.down(port);
        const mine = net.connections.filter((each) => each.port === port);
        for (const { connection } of mine) {
          if (how === "goaway") connection.goAway({ successors: [1, 2, 3], deadlineMs: 10 });
          else connection.end(how === "kill" ? LOST : LEFT);
        }
        await Promise.all(running);
        await request(roaming);
        net.up(port);
      }
      await roaming.close();
      await until(
        "all is closed",
        () => net.connections.every(({ connection }) => connection.over),
      );
    }),
    { numRuns: 50 },
  );
});

Deno.test("Roaming does not come back to a server that has ended the session, and says why", async () => {
  const ended: ConnectionEnd = {
    ...LEFT,
    errorCode: ApplicationError.ended,
  };
  const farewell = encodeMessage({
    type: MessageType.farewell,
    body: { reason: "kicked", message: "maintenance" },
  });
  for (const [said, failover] of [[true, true], [true, false], [false, true]] as const) {
    const net = new Net();
    net.up(1, () => {}); // answers nothing
    net.up(2);
    const roaming = await net.roam([1, 2], { failover });
    const why = said ? "Server has ended the session: maintenance" : "Server has ended the session";
    const reading = assert.rejects(request(roaming), { code: "session-ended", message: why });
    const writing = assert.rejects(request(roaming, { repeatable: false }), {
      code: "session-ended",
      message: `${why}; whether the request was processed is not known`,
    });
    await until("they are there", () => net.to(1).server.streams.length === 2);
    if (said) net.to(1).connection.push(farewell);
    net.to(1).connection.end(ended);
    await reading;
    await writing;
    await assert.rejects(request(roaming), { code: "session-ended", message: why });
    assert.deepEqual(net.tried, [1]);
    assert.match((await roaming.ended).message, /^ended by the server for good/);
    await roaming.close();
  }
});
