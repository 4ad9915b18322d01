import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { EarlyAllowance } from "../../client/early_allowance.ts";
import { Link } from "../../client/link.ts";
import { type Dial, Roaming } from "../../client/roaming.ts";
import { type BlockedTimes, type ConnectionEnd, ConnectionEndedError } from "../../ffi/mod.ts";
import {
  ApplicationError,
  encodeErrorAnswer,
  type HelloResponse,
  MAX_EARLY_BYTES,
  MAX_EARLY_STREAMS,
  ProtocolError,
  RemoteError,
} from "../../protocol/mod.ts";
import { type Answerer, FakeConnection, FakeServer } from "./fake_server.ts";
import { answering, LOST, request } from "./fake_net.ts";

const HELLO: HelloResponse = { session: "s", server: "fake/1", maxBodyLength: 1000 };
const ADDRESS = { hostname: "host", port: 1 };

/** A connection on which the greeting has been sent, and its answer is still to come. */
class Coming {
  readonly #hello = Promise.withResolvers<HelloResponse>();
  readonly connection: FakeConnection;
  readonly server: FakeServer;
  readonly link: Link;

  constructor(answer: Answerer) {
    this.server = new FakeServer(answer);
    this.connection = new FakeConnection(this.server);
    const { connection } = this;
    this.link = new Link({
      ...{ connection, address: ADDRESS, hello: this.#hello.promise, roundTripMs: 1 },
    });
  }

  admit(): void {
    this.#hello.resolve(HELLO);
  }

  refuse(error: Error, end: ConnectionEnd): void {
    this.connection.end(end);
    this.#hello.reject(error);
  }

  /** As `connect()` does. */
  get arrived(): Promise<Link> {
    return this.link.greeted.then(() => this.link);
  }
}

const noDial: Dial = () => Promise.reject(new Error("Nothing listens"));

function roam(coming: Coming, { dial = noDial, failover = true } = {}): Roaming {
  return new Roaming({
    ...{ link: coming.link, servers: [ADDRESS], dial, failover, timeoutMs: 1000, retryForMs: 1000 },
    arrival: { link: coming.arrived, giveUp: () => {} },
  });
}

Deno.test("Roaming sends requests that may be repeated before the greeting is answered", async () => {
  const coming = new Coming(answering(1));
  const roaming = roam(coming);
  assert.deepEqual(await request(roaming), { port: 1 });
  assert.equal(coming.link.hello, undefined);

  const later = request(roaming, { repeatable: false });
  await delay(5);
  assert.equal(coming.server.streams.length, 1);
  coming.admit();
  assert.deepEqual(await later, { port: 1 });
  await roaming.close();
});

Deno.test("Roaming says why a client was not let in to those who did not wait for that", async () => {
  for (const failover of [true, false]) {
    const coming = new Coming(() => {});
    const roaming = roam(coming, { failover });
    const early = request(roaming);
    const late = request(roaming, { repeatable: false });
    const { unauthenticated } = ApplicationError;
    coming.refuse(new RemoteError("wrong-token", "Token is wrong"), {
      ...{ by: "peer", errorCode: unauthenticated, status: 0, message: "closed by the peer" },
    });
    await assert.rejects(early, { code: "wrong-token" });
    await assert.rejects(late, { code: "wrong-token" });
    await assert.rejects(request(roaming), { code: "wrong-token" });
    await roaming.close();
  }
});

Deno.test("Roaming sends a request again that came too early for the server", async () => {
  const { promise: admitted, resolve: admit } = Promise.withResolvers<void>();
  let asked = 0;
  const coming = new Coming(async (message, stream) => {
    if (asked++ > 0) return await answering(1)(message, stream, undefined!);
    const refusal = new ProtocolError("unauthenticated", "Say hello first");
    await stream.send(encodeErrorAnswer(message.type, refusal), { fin: true });
    admit();
  });
  const roaming = roam(coming);
  const answer = request(roaming);
  await admitted;
  await delay(5);
  assert.equal(asked, 1);
  coming.admit();
  assert.deepEqual(await answer, { port: 1 });
  await roaming.close();
});

Deno.test("Roaming that comes back sends what waits together with the greeting", async () => {
  const first = new Coming(answering(1));
  const second = new Coming(answering(2));
  const third = new Coming(answering(3));
  const dialed = [second, third];
  const roaming = roam(first, {
    dial: (_server, _limitMs, _signal, onReached) => {
      const coming = dialed.shift();
      if (coming === undefined) return Promise.reject(new Error("Nothing listens"));
      onReached?.(coming.link);
      return coming.arrived;
    },
  });
  first.admit();
  assert.deepEqual(await request(roaming), { port: 1 });

  first.connection.end(LOST);
  assert.deepEqual(await request(roaming), { port: 2 });
  // It was not let in: what goes on meanwhile waits for another one.
  const waiting = request(roaming, { repeatable: false });
  second.refuse(new RemoteError("server-full", "Server is full"), LOST);
  assert.deepEqual(await request(roaming), { port: 3 });
  third.admit();
  assert.deepEqual(await waiting, { port: 3 });
  await roaming.close();
});

Deno.test("A request that ends servers is given up, however early they end", async () => {
  let ended = 0;
  const mortal = (): Coming => {
    const coming = new Coming(() => {
      ended++;
      coming.refuse(new ConnectionEndedError("It is gone"), LOST);
    });
    return coming;
  };
  const first = mortal();
  const roaming = roam(first, {
    dial: (_server, _limitMs, _signal, onReached) => {
      const coming = mortal();
      onReached?.(coming.link);
      return coming.arrived;
    },
  });
  first.admit();
  await first.arrived;
  await assert.rejects(request(roaming), { name: "RequestGivenUpError" });
  assert.equal(ended, 4);
  await roaming.close();
});

Deno.test("EarlyAllowance lets some streams and bytes pass, and has the others wait, in order", async () => {
  const { promise: greeted, resolve: answer } = Promise.withResolvers<void>();
  const allowance = new EarlyAllowance(greeted);
  const got: number[] = [];
  const path = {
    ...{ idealBytes: 5_000_000, roundTripMs: 80 },
    blocked: { flowControlMs: 1, networkMs: 2 } as unknown as BlockedTimes,
  };
  const stream = allowance.limit({
    read: () => Promise.resolve(null),
    send: (data) => Promise.resolve(void got.push(...data)),
    abort() {},
    close: () => Promise.resolve(),
    ...path,
  });
  const { idealBytes, roundTripMs, blocked } = stream;
  assert.deepEqual({ idealBytes, roundTripMs, blocked }, path, "What is known of the path");
  let opened = 0;
  const opening = Array.from({ length: MAX_EARLY_STREAMS + 1 }, async () => {
    await allowance.mayOpen();
    opened++;
  });
  const pieces = [MAX_EARLY_BYTES - 10, 30, 20].map((length, index) =>
    new Uint8Array(length).fill(index)
  );
  const sent = pieces.map((piece) => stream.send(piece));
  await delay(5);
  assert.equal(opened, MAX_EARLY_STREAMS);
  assert.equal(got.length, MAX_EARLY_BYTES);
  answer();
  await Promise.all([...sent, ...opening]);
  assert.deepEqual(got, pieces.flatMap((piece) => [...piece]));
  await stream.send(new Uint8Array([9]));
  assert.equal(got.at(-1), 9);
});
