import { Buffer } from "node:buffer";
import { configureSync, resetSync } from "@logtape/logtape";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import {
  builtinHandlers,
  HandlerRegistry,
  type MessageHandler,
} from "../../handlers/messages/mod.ts";
import { ApplicationError, encodeMessage, Flags, MessageType } from "../../protocol/mod.ts";
import { openStorageRoot } from "../../transfer/mod.ts";
import { Server, type ServerOptions } from "../../worker/mod.ts";
import { SERVER_SETTINGS } from "../../worker/settings.ts";
import { within } from "../ffi/within.ts";
import { makeTestCertificate } from "../fixtures/certificate.ts";
import "../fixtures/loaded_msquic.ts";
import { ClientConnection, readAnswer } from "./client_connection.ts";
import { TestCounters, TOKEN } from "./fakes.ts";

const { hello, ping, echo, filePut, fileGet } = MessageType;
const CUSTOM = 0x8000;

/** A server with a storage of its own. */
class ServerBench implements AsyncDisposable {
  readonly counters = new TestCounters();
  #resources = new AsyncDisposableStack();
  #root = "";
  #server: Server | undefined;
  #fingerprint = "";

  static async open(options: Partial<ServerOptions> = {}): Promise<ServerBench> {
    await using resources = new AsyncDisposableStack();
    const bench = new ServerBench();
    const certificate = resources.use(await makeTestCertificate());
    bench.#fingerprint = certificate.fingerprint;
    bench.#root = await Deno.makeTempDir({ prefix: "msquicd-server-" });
    resources.defer(() => Deno.remove(bench.#root, { recursive: true }));
    const server = await Server.start({
      address: { hostname: "127.0.0.1", port: 0 },
      certificateFile: certificate.certificateFile,
      privateKeyFile: certificate.privateKeyFile,
      token: TOKEN,
      storage: { ...await openStorageRoot(bench.#root), owner: "test" },
      counters: bench.counters,
      ...options,
    });
    bench.#server = resources.use(server);
    bench.#resources = resources.move();
    return bench;
  }

  get root(): string {
    return this.#root;
  }

  get server(): Server {
    assert.ok(this.#server);
    return this.#server;
  }

  /** Connects and, unless told not to, says hello. */
  async connect({ greet = true } = {}): Promise<ClientConnection> {
    const client = await ClientConnection.open(this.server, this.#fingerprint);
    if (greet) assert.equal((await client.request(hello, { token: TOKEN })).flags, Flags.response);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

function ended(client: ClientConnection) {
  return within(30_000, "the connection's end", client.connection.ended);
}

Deno.test("Server takes connections on the port the system chose, and serves them", async () => {
  await using bench = await ServerBench.open();
  assert.equal(bench.server.address.hostname, "127.0.0.1");
  assert.ok(bench.server.address.port > 0);
  assert.match(bench.server.msquicVersion, /^2\.\d+\.\d+/);
  await using client = await bench.connect();
  const pong = await client.request(ping, {});
  assert.ok(Math.abs(Number(pong.body.time) - Date.now()) < 60_000);
  const data = new Uint8Array(randomBytes(2_000_000));
  const echoed = await client.request(echo, { a: 1 }, data);
  assert.deepEqual(echoed.body, { a: 1 });
  assert.equal(Buffer.compare(echoed.data, data), 0);
  const [session] = bench.server.sessions;
  assert.equal(session?.state, "active");
  assert.match(session?.peer ?? "", /^127\.0\.0\.1:\d+$/);
});

Deno.test("Server answers a ping beside ten uploads that nobody reads", async () => {
  const over = Promise.withResolvers<void>();
  const stalled: MessageHandler = {
    ...{ type: CUSTOM, name: "stalled", right: "use" },
    handle: () => over.promise.then(() => ({})),
  };
  const handlers = new HandlerRegistry([...builtinHandlers(), stalled]);
  await using bench = await ServerBench.open({ handlers });
  await using client = await bench.connect();
  using _end = { [Symbol.dispose]: () => over.resolve() };
  const request = encodeMessage({ type: CUSTOM, flags: Flags.data, body: {} });
  const data = new Uint8Array(SERVER_SETTINGS.streamRecvWindow - 1000);
  const arrived = Array.from({ length: 10 }, async () => {
    const stream = await client.send(request, { fin: false });
    await stream.send(data);
  });
  await within(30_000, "ten full windows", Promise.all(arrived));
  assert.equal((await client.request(ping, {})).flags, Flags.response);
});

Deno.test("Server stores a file and gives it back", async () => {
  await using bench = await ServerBench.open();
  await using client = await bench.connect();
  const data = new Uint8Array(randomBytes(20_000_000));
  const hash = createHash("sha256").update(data).digest();
  const framed = new Uint8Array(Buffer.concat([data, hash]));
  const stored = await client.request(filePut, { name: "a/b", size: data.length }, framed);
  assert.deepEqual(stored.body, { name: "a/b", size: data.length, sha256: hash.toString("hex") });
  assert.equal(Buffer.compare(await Deno.readFile(join(bench.root, "a/b")), data), 0);
  const got = await client.request(fileGet, { name: "a/b" });
  assert.equal(got.body.size, data.length);
  assert.equal(Buffer.compare(got.data, framed), 0);
  const again = await client.request(filePut, { name: "a/b", size: data.length }, framed);
  assert.equal(again.body.code, "file-exists");
  const { values } = bench.counters;
  assert.equal(values.transfers, 0);
  assert.equal(values.transfersTotal, 2);
  assert.ok((values.bytesIn ?? 0) > data.length && (values.bytesOut ?? 0) > data.length);
});

Deno.test("Server serves many requests of many connections at once", async () => {
  await using bench = await ServerBench.open();
  await using clients = new AsyncDisposableStack();
  const connections = await Promise.all(Array.from({ length: 8 }, () => bench.connect()));
  for (const connection of connections) clients.use(connection);
  const payload = { bytes: new Uint8Array(randomBytes(4000)) };
  await Promise.all(connections.map(async (client) => {
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => client.request(echo, payload)),
      );
      for (const { body } of answers) assert.deepEqual(body, payload);
    }
  }));
  const { values } = bench.counters;
  assert.equal(values.sessions, 8);
  // The last acknowledgements may still be under way.
  await until(() => values.requests === 8 * (1 + 3 * 50));
  assert.equal(values.errors, undefined);
});

Deno.test("Server ends a connection with a wrong token, after saying so", async () => {
  await using bench = await ServerBench.open();
  await using client = await bench.connect({ greet: false });
  const { flags, body } = await client.request(hello, { token: "wrong" });
  assert.equal(flags, Flags.response | Flags.error);
  assert.equal(body.code, "wrong-token");
  const { by, errorCode } = await ended(client);
  assert.deepEqual([by, errorCode], ["peer", ApplicationError.unauthenticated]);
});

Deno.test("Server ends a connection whose first stream is rubbish or no hello", async () => {
  await using bench = await ServerBench.open();
  for (const bytes of [new Uint8Array(100).fill(0xee), encodeMessage({ type: ping, body: {} })]) {
    await using client = await bench.connect({ greet: false });
    const { body } = await readAnswer(await client.send(bytes));
    assert.ok(["bad-version", "unauthenticated"].includes(String(body.code)));
    assert.equal((await ended(client)).errorCode, ApplicationError.unauthenticated);
  }
  await using client = await bench.connect();
  assert.equal((await client.request(ping, {})).flags, Flags.response);
});

Deno.test("Server ends a connection that says no hello in time", async () => {
  await using bench = await ServerBench.open({ limits: { helloTimeoutMs: 50 } });
  await using client = await bench.connect({ greet: false });
  assert.equal((await ended(client)).errorCode, ApplicationError.unauthenticated);
});

Deno.test("Server makes rubbish cost its stream only", async () => {
  await using bench = await ServerBench.open();
  await using client = await bench.connect();
  for (let length = 0; length < 60; length += 7) {
    const stream = await client.send(new Uint8Array(randomBytes(length)));
    const { flags } = await readAnswer(stream);
    assert.equal(flags, Flags.response | Flags.error);
    await within(30_000, "the stream's end", stream.closed);
  }
  const open = await client.send(new Uint8Array(100).fill(7), { fin: false });
  assert.equal((await readAnswer(open)).body.code, "bad-version");
  await within(30_000, "the stream's end", open.closed);
  assert.equal((await client.request(ping, {})).flags, Flags.response);
});

Deno.test("Server removes what a client that goes away was uploading", async () => {
  await using bench = await ServerBench.open();
  const staging = join(bench.root, ".msquicd", "uploads");
  const staged = () => Array.from(Deno.readDirSync(staging)).length;
  for (const how of ["reset", "close"] as const) {
    await using client = await bench.connect();
    const body = { name: "a", size: 10_000_000 };
    const head = encodeMessage({ type: filePut, flags: Flags.data, body });
    const stream = await client.send(head, { fin: false });
    await stream.send(new Uint8Array(2_000_000));
    await until(() => staged() === 1);
    if (how === "reset") stream.abort(ApplicationError.cancelled);
    else client.connection.shutdown();
    await until(() => staged() === 0 && bench.counters.values.transfers === 0);
  }
});

Deno.test("Server refuses connections beyond its limit", async () => {
  await using bench = await ServerBench.open({ limits: { connections: 1 } });
  await using first = await bench.connect();
  await using second = await bench.connect({ greet: false });
  assert.equal((await ended(second)).errorCode, ApplicationError.refused);
  assert.equal((await first.request(ping, {})).flags, Flags.response);
});

// I5
Deno.test("Server lets clients in while others fill it that say no hello", async () => {
  await using bench = await ServerBench.open({ limits: { connections: 20 } });
  await using strangers = new AsyncDisposableStack();
  const held = await Promise.all(
    Array.from({ length: 40 }, () => bench.connect({ greet: false })),
  );
  for (const stranger of held) strangers.use(stranger);
  await using client = await bench.connect();
  assert.equal((await client.request(ping, {})).flags, Flags.response);
  assert.equal(bench.counters.values.sessions, 1);
});

// I9
Deno.test("Server logs some of the clients that it turns away, and counts the others", async () => {
  const lines: string[] = [];
  configureSync({
    reset: true,
    sinks: { list: ({ message }) => void lines.push(message.join("")) },
    loggers: [{ category: "msquicd", sinks: ["list"], lowestLevel: "warning" }],
  });
  try {
    await using bench = await ServerBench.open();
    for (let stranger = 0; stranger < 9; stranger++) {
      await using client = await bench.connect({ greet: false });
      await client.request(hello, { token: "wrong" });
    }
    await until(() => [...bench.server.sessions].length === 0);
  } finally {
    resetSync();
  }
  const [report = "", ...rest] = lines.splice(5);
  assert.deepEqual(rest, []);
  assert.match(report, /^Connections turned away, and 4 more like it in the last \d+ s$/);
  for (const line of lines) assert.match(line, /^Connection from 127.0.0.1:\d+ turned away: Token/);
});

Deno.test("Server says that it is full to who says hello when it has no room left", async () => {
  await using bench = await ServerBench.open({ limits: { connections: 1 } });
  await using late = await bench.connect({ greet: false });
  await using _first = await bench.connect();
  const { flags, body } = await late.request(hello, { token: TOKEN });
  assert.equal(flags, Flags.response | Flags.error);
  assert.equal(body.code, "server-full");
  await ended(late);
  assert.equal(bench.counters.values.sessions, 1);
});

Deno.test("Server keeps no more in memory for who has not said hello than a hello takes", async () => {
  await using bench = await ServerBench.open();
  await using client = await bench.connect({ greet: false });
  const { body } = await client.request(hello, { token: TOKEN, agent: "x".repeat(9000) });
  assert.equal(body.code, "body-too-large");
  assert.equal((await ended(client)).errorCode, ApplicationError.unauthenticated);
});

// C6
Deno.test("Server tells its owner what a handler threw, and the client only that it failed", async () => {
  const failures: unknown[] = [];
  const handle = () => Promise.reject(new Error("out of paper"));
  const handlers = new HandlerRegistry([{ type: CUSTOM, name: "printer", right: "use", handle }]);
  await using bench = await ServerBench.open({
    handlers,
    onError: (error, request) => {
      failures.push([String(error), request.type, request.session]);
      throw new Error("so what");
    },
  });
  await using client = await bench.connect();
  const { body } = await client.request(CUSTOM, {});
  assert.deepEqual(body, { code: "internal", message: "Server failed; its log says why" });
  const [session] = bench.server.sessions;
  assert.deepEqual(failures, [["Error: out of paper", CUSTOM, session?.id]]);
});

Deno.test("Server writes to standard error what a handler threw, if nobody else is told", async (test) => {
  const handle = () => Promise.reject(new Error("out of paper"));
  const handlers = new HandlerRegistry([{ type: CUSTOM, name: "printer", right: "use", handle }]);
  await using bench = await ServerBench.open({ handlers });
  await using client = await bench.connect();
  const said: unknown[][] = [];
  const print = console.error;
  console.error = (...words) => void said.push(words);
  try {
    await test.step("a request fails", async () => void await client.request(CUSTOM, {}));
  } finally {
    console.error = print;
  }
  assert.match(
    String(said[0]?.[0]),
    /^Request printer \(type 32768\) of session [0-9a-f]+ \(127.0.0.1:\d+\) fai/,
  );
  assert.match(String(said[0]?.[1]), /out of paper/);
});

Deno.test("Server stop serves whoever has not gone yet, then ends connections with 4", async () => {
  const { slow, entered, gate } = slowHandler();
  const handlers = new HandlerRegistry([...builtinHandlers(), slow]);
  await using bench = await ServerBench.open({ handlers });
  await using client = await bench.connect();
  await using idle = await bench.connect();
  const answer = client.request(CUSTOM, {});
  await entered;
  const stopped = bench.server.stop();
  assert.equal((await ended(idle)).errorCode, ApplicationError.shuttingDown);
  assert.equal((await client.request(ping, {})).flags, Flags.response);
  gate.resolve();
  assert.deepEqual((await answer).body, { done: true });
  const { by, errorCode } = await ended(client);
  assert.deepEqual([by, errorCode], ["peer", ApplicationError.shuttingDown]);
  await within(30_000, "the stop", stopped);
  assert.deepEqual([...bench.server.sessions], []);
  assert.equal(bench.counters.values.sessions, 0);
});

Deno.test("Server stop ends what still runs when its time is up", async () => {
  const { slow, entered, gate } = slowHandler();
  await using bench = await ServerBench.open({ handlers: new HandlerRegistry([slow]) });
  await using client = await bench.connect();
  const answer = assert.rejects(client.request(CUSTOM, {}));
  const signal = await entered;
  const stopped = bench.server.stop(AbortSignal.abort());
  await answer;
  assert.equal((await ended(client)).errorCode, ApplicationError.shuttingDown);
  await until(() => signal.aborted);
  gate.resolve();
  await within(30_000, "the stop", stopped);
});

Deno.test("Server start fails without leaving anything when its token or certificate is no good", async () => {
  await assert.rejects(ServerBench.open({ token: "" }), { code: "invalid-option" });
  const certificateFile = "/nonexistent/cert.pem";
  await assert.rejects(ServerBench.open({ certificateFile }), { code: "unusable-credential" });
});

/** A handler that answers when it is let, and shows its signal when it is called. */
function slowHandler() {
  const entered = Promise.withResolvers<AbortSignal>();
  const gate = Promise.withResolvers<void>();
  const slow: MessageHandler = {
    type: CUSTOM,
    name: "slow",
    right: "use",
    async handle(context) {
      entered.resolve(context.signal);
      await gate.promise;
      return { done: true };
    },
  };
  return { slow, entered: entered.promise, gate };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `Waited in vain: ${condition}`);
    await delay(5);
  }
}
