import assert from "node:assert/strict";
import fc from "fast-check";
import { delay } from "../../base/mod.ts";
import { Client } from "../../client/client.ts";
import { ask, unchecked } from "../../client/exchange.ts";
import { Link } from "../../client/link.ts";
import { Roaming } from "../../client/roaming.ts";
import type { Address, ConnectionEnd } from "../../ffi/mod.ts";
import {
  ApplicationError,
  encodeAnswer,
  encodeErrorAnswer,
  MessageType,
  ProtocolError,
} from "../../protocol/mod.ts";
import { type Answerer, FakeConnection, FakeServer } from "./fake_server.ts";

const LOST: ConnectionEnd = { by: "transport", errorCode: 0, status: 1, message: "lost" };
const LEFT: ConnectionEnd = {
  by: "peer",
  errorCode: ApplicationError.shuttingDown,
  status: 0,
  message: "closed by the peer",
};
const CUSTOM = 0x8000;

/** Answers with the port that it has. */
function answering(port: number): Answerer {
  return ({ type }, stream) => stream.send(encodeAnswer(type, { port }), { fin: true });
}

/** Servers in memory on ports of one host, and the connections that were made to them. */
class Net {
  readonly connections: { port: number; connection: FakeConnection; server: FakeServer }[] = [];
  readonly #answerers = new Map<number, Answerer>();
  readonly tried: number[] = [];
  /** Is told of a connection before the client has it. */
  onConnect: (port: number) => void = () => {};

  /** A server comes up. */
  up(port: number, answer: Answerer = answering(port)): void {
    this.#answerers.set(port, answer);
  }

  down(port: number): void {
    this.#answerers.delete(port);
  }

  /** The last connection to a port. */
  to(port: number): { connection: FakeConnection; server: FakeServer } {
    const found = this.connections.findLast((each) => each.port === port);
    assert.ok(found, `Nobody has connected to ${port}`);
    return found;
  }

  dial = (address: Address): Promise<Link> => {
    const { port } = address;
    this.tried.push(port);
    const answer = this.#answerers.get(port);
    if (answer === undefined) return Promise.reject(new Error(`Nothing listens on ${port}`));
    const server = new FakeServer(answer);
    const connection = new FakeConnection(server);
    this.connections.push({ port, connection, server });
    this.onConnect(port);
    const hello = { session: `s${port}`, server: "fake/1", maxBodyLength: 1000 };
    return Promise.resolve(new Link({ connection, address, hello }));
  };

  /** A client that knows these ports, connected to the first. */
  async roam(ports: number[], reconnectTimeoutMs = 5000): Promise<Roaming> {
    const servers = ports.map((port) => ({ hostname: "host", port }));
    const [first] = servers;
    assert.ok(first);
    const link = await this.dial(first);
    return new Roaming({ link, servers, dial: this.dial, reconnectTimeoutMs });
  }
}

function request(roaming: Roaming, options: { repeatable?: boolean; signal?: AbortSignal } = {}) {
  const { repeatable = true, signal } = options;
  return roaming.run(
    (use) => ask(use, unchecked(CUSTOM), {}, signal === undefined ? {} : { signal }),
    {
      repeatable,
      signal,
    },
  );
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `Waited in vain: ${what}`);
    await delay(1);
  }
}

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

Deno.test("Roaming begins a request again whose connection is lost", async () => {
  const net = new Net();
  net.up(1, () => {});
  net.up(2);
  const roaming = await net.roam([1, 2]);
  const attempts: number[] = [];
  const answer = roaming.run((use, _link, attempt) => {
    attempts.push(attempt);
    return ask(use, unchecked(CUSTOM), {});
  }, { repeatable: true });
  await until("the request is there", () => net.to(1).server.streams.length === 1);
  net.down(1);
  net.to(1).connection.end(LOST);
  assert.deepEqual(await answer, { port: 2 });
  assert.deepEqual(attempts, [0, 1]);
  await roaming.close();
});

Deno.test("Roaming does not repeat what must not be repeated, unless it was never sent", async () => {
  const net = new Net();
  net.up(1, () => {});
  net.up(2);
  const roaming = await net.roam([1, 2]);
  const lost = assert.rejects(request(roaming, { repeatable: false }), {
    name: "RequestLostError",
    code: "request-lost",
    message: /host:1/,
  });
  await until("the request is there", () => net.to(1).server.streams.length === 1);
  net.down(1);
  net.to(1).connection.end(LOST);
  await lost;
  net.up(1);
  await request(roaming); // on 2 now
  net.to(2).connection.end(LEFT); // before anybody has looked
  assert.deepEqual(await request(roaming, { repeatable: false }), { port: 1 });
  await roaming.close();
});

Deno.test("Roaming takes a request elsewhere that a server refuses since it goes away", async () => {
  const net = new Net();
  net.up(1, ({ type }, stream) => {
    const refusal = new ProtocolError("shutting-down", "Server is shutting down");
    return stream.send(encodeErrorAnswer(type, refusal), { fin: true });
  });
  net.up(2);
  const roaming = await net.roam([1, 2]);
  assert.deepEqual(await request(roaming, { repeatable: false }), { port: 2 });
  await until("the old connection is closed", () => net.to(1).connection.over);
  await roaming.close();
});

Deno.test("Roaming gives up when no server answers in time, and says what it tried", async () => {
  const net = new Net();
  net.up(1);
  const roaming = await net.roam([1], 100);
  net.down(1);
  net.to(1).connection.end(LOST);
  const failure = { name: "NoServerError", message: /Connection lost.*Nothing listens on 1/ };
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

Deno.test("Roaming stays where it is, and ends there, without time to reconnect", async () => {
  const net = new Net();
  net.up(1);
  net.up(2);
  const roaming = await net.roam([1, 2], 0);
  net.to(1).connection.goAway({ successors: [2], deadlineMs: 1000 });
  assert.deepEqual(await request(roaming), { port: 1 });
  net.to(1).connection.end(LEFT);
  assert.equal(await roaming.ended, LEFT);
  await assert.rejects(request(roaming), { code: "connection-ended" });
  assert.deepEqual(net.tried, [1]);
  await roaming.close();
});

/** Servers that die of every request; `die` says how, `ends` counts how often. */
function mortalNet(how: ConnectionEnd, times = Infinity) {
  const net = new Net();
  const counted = { net, ends: 0 };
  for (const port of [1, 2]) {
    net.up(port, (message, stream, reader) => {
      if (counted.ends >= times) return answering(port)(message, stream, reader);
      counted.ends++;
      net.to(port).connection.end(how);
    });
  }
  return counted;
}

// D1
Deno.test("Roaming gives a request up that one server after the other dies of, after a few", async () => {
  for (const end of [LOST, { ...LEFT, errorCode: ApplicationError.internal }]) {
    const servers = mortalNet(end);
    const roaming = await servers.net.roam([1, 2]);
    await assert.rejects(request(roaming), {
      name: "RequestGivenUpError",
      code: "request-lost",
      message:
        /^Request is given up: 4 times, last at host:\d, the server died while it was under way/,
    });
    assert.equal(servers.ends, 4);
    await roaming.close();
  }
});

Deno.test("Roaming does not hold a network, or servers that go, against a request", async () => {
  const idle: ConnectionEnd = { by: "idle", errorCode: 0, status: 1, message: "idle" };
  for (const end of [idle, { ...LOST, unanswered: true } as const, LEFT]) {
    const servers = mortalNet(end, 8);
    const roaming = await servers.net.roam([1, 2]);
    await request(roaming);
    assert.equal(servers.ends, 8);
    await roaming.close();
  }
});

Deno.test("Roaming goes on with a transfer that advances between the deaths of its servers", async () => {
  const servers = mortalNet(LOST, 9);
  const roaming = await servers.net.roam([1, 2]);
  let attempts = 0;
  await roaming.run((use) => {
    if (++attempts % 3 === 0) use.advance();
    return ask(use, unchecked(CUSTOM), {});
  }, { repeatable: true });
  assert.equal(attempts, 10);
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

Deno.test("Client.remove() counts as done when the file is gone after a lost answer", async () => {
  const net = new Net();
  const gone: Answerer = ({ type }, stream) =>
    stream.send(encodeErrorAnswer(type, new ProtocolError("not-found", "No such file")), {
      fin: true,
    });
  net.up(1, () => net.to(1).connection.end(LOST));
  net.up(2, gone);
  const resources = { [Symbol.asyncDispose]: () => Promise.resolve() };
  await using client = new Client({ roaming: await net.roam([1, 2]), resources });
  net.down(1);
  await client.remove("a");
  await assert.rejects(client.remove("a"), { code: "not-found" });
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
