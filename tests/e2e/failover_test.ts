import { concat } from "../../base/mod.ts";
import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Client, connect } from "../../client/mod.ts";
import { encodeMessage, MessageType } from "../../protocol/mod.ts";
import { within } from "../ffi/within.ts";
import { ClientConnection } from "../worker/client_connection.ts";
import { Fleet } from "./fleet.ts";
import { waitFor } from "./harness.ts";
import { InteropClient } from "./interop_client.ts";
import { Load } from "./load.ts";

const DEADLINE_MS = 20_000;

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes;
}

function portOf(client: Client): number {
  return Number(client.server.split(":")[1]);
}

Deno.test("A drain with requests and an upload in flight loses neither", async () => {
  await using fleet = await Fleet.start(2);
  const [first = 0, second = 0] = fleet.ports;
  await using client = await connect(fleet.access([first]));
  await using load = new Load(client, 100);
  await load.more(500);
  const data = randomBytes(60_000_000);
  const uploading = client.put(data, "big.bin");
  await load.more(100);
  await fleet.stop(first, DEADLINE_MS);
  await load.more(500);
  assert.equal(portOf(client), second);
  assert.equal((await uploading).sha256, sha256(data));
  assert.equal(sha256(await Deno.readFile(join(fleet.root, "big.bin"))), sha256(data));
  await load.stop();
  assert.deepEqual(load.failures, []);
});

Deno.test("A rolling restart of three workers under continuous load loses no request", async () => {
  await using fleet = await Fleet.start(3);
  await using clients = new AsyncDisposableStack();
  const loads: Load[] = [];
  for (const port of [...fleet.ports, ...fleet.ports]) {
    const client = clients.use(await connect(fleet.access([port])));
    loads.push(clients.use(new Load(client, 8)));
  }
  for (const port of fleet.ports) {
    await Promise.all(loads.map((load) => load.more(20)));
    await fleet.stop(port, DEADLINE_MS);
    await Promise.all(loads.map((load) => load.more(20)));
    await fleet.start(port);
  }
  await Promise.all(loads.map((load) => load.more(20)));
  await Promise.all(loads.map((load) => load.stop()));
  assert.deepEqual(loads.flatMap(({ failures }) => failures), []);
});

Deno.test("A restart of the only worker makes requests wait, and loses none", async () => {
  await using fleet = await Fleet.start(1);
  const [port = 0] = fleet.ports;
  await using client = await connect(fleet.access());
  await using load = new Load(client, 20);
  await load.more(100);
  await fleet.stop(port, DEADLINE_MS);
  await fleet.start(port);
  await load.more(100);
  await load.stop();
  assert.deepEqual(load.failures, []);
});

Deno.test("A killed worker's clients go on at a sibling, with what was under way", async () => {
  // Each takes the 3 s after which a client gives its worker up, so they take them together.
  await Promise.all([requestsGoOn(), uploadGoesOn(), downloadGoesOn()]);
});

async function requestsGoOn(): Promise<void> {
  await using fleet = await Fleet.start(2);
  const [first = 0, second = 0] = fleet.ports;
  await using client = await connect(fleet.access([first]));
  await using load = new Load(client, 20);
  await load.more(200);
  await fleet.kill(first);
  await load.more(200);
  assert.equal(portOf(client), second);
  await load.stop();
  assert.deepEqual(load.failures, []);
}

async function uploadGoesOn(): Promise<void> {
  await using fleet = await Fleet.start(2);
  const [first = 0, second = 0] = fleet.ports;
  await using client = await connect(fleet.access([first]));
  const data = randomBytes(80_000_000);
  const half = Promise.withResolvers<void>();
  const onProgress = (bytes: number) => bytes > 30_000_000 && half.resolve();
  const uploading = client.put(data, "big.bin", { onProgress });
  await half.promise;
  await fleet.kill(first);
  const { server, ...result } = await uploading;
  assert.equal(server, `127.0.0.1:${second}`);
  assert.equal(result.sha256, sha256(data));
  assert.equal(sha256(await Deno.readFile(join(fleet.root, "big.bin"))), sha256(data));
}

async function downloadGoesOn(): Promise<void> {
  await using fleet = await Fleet.start(2);
  const [first = 0] = fleet.ports;
  await Deno.writeFile(join(fleet.root, "big.bin"), randomBytes(80_000_000));
  await using client = await connect(fleet.access([first]));
  const some = Promise.withResolvers<void>();
  const getting = client.get("big.bin", join(fleet.root, "copy.bin"), {
    onProgress: (bytes) => bytes > 10_000_000 && some.resolve(),
  });
  await some.promise;
  await fleet.kill(first);
  await within(30_000, "the rest of the download", getting);
}

Deno.test("A killed worker's successor tells its clients at once that it is another one", async () => {
  await using fleet = await Fleet.start(1);
  const [port = 0] = fleet.ports;
  await using client = await connect(fleet.access());
  await using load = new Load(client, 5);
  await load.more(20);
  const { session } = client;
  // Without a stateless reset, nothing ends its connection before the server's idle timeout.
  const { token, fingerprint } = fleet.access();
  const server = { address: { hostname: "127.0.0.1", port } };
  const settings = { disconnectTimeoutMs: 60_000, idleTimeoutMs: 60_000 };
  await using patient = await ClientConnection.open(server, fingerprint, settings);
  await patient.request(MessageType.hello, { token });
  await fleet.kill(port);
  await fleet.start(port);
  await patient.send(encodeMessage({ type: MessageType.ping, body: {} }));
  assert.equal((await patient.connection.ended).by, "transport");
  await load.more(20);
  await load.stop();
  assert.deepEqual(load.failures, []);
  assert.notEqual(client.session, session);
});

Deno.test("An idle worker is drained quickly, and its clients stay in service", async () => {
  await using fleet = await Fleet.start(2);
  const [first = 0, second = 0] = fleet.ports;
  await using stack = new AsyncDisposableStack();
  const clients = await Promise.all(
    Array.from({ length: 5 }, async () => stack.use(await connect(fleet.access([first])))),
  );
  const ms = await fleet.stop(first, DEADLINE_MS);
  assert.ok(ms < DEADLINE_MS / 2, `${ms} ms`);
  await Promise.all(clients.map((client) => client.ping()));
  assert.deepEqual(clients.map(portOf), clients.map(() => second));
});

Deno.test("A foreign client is served to the end of its request, and holds a drain up no longer", async () => {
  await using fleet = await Fleet.start(1);
  const [port = 0] = fleet.ports;
  using client = await InteropClient.connect(port, await fleet.certificate);
  const HELLO = 1;
  const PUT = 16;
  await client.request(HELLO, { token: fleet.access().token });
  const data = randomBytes(30_000_000);
  const digest = createHash("sha256").update(data).digest();
  const framed = concat([data, digest]);
  const stored = client.request(PUT, { name: "big.bin", size: data.length }, framed);
  await waitFor("the upload has begun", () => fleet.transfers(port) === 1);
  const stopping = fleet.stop(port, DEADLINE_MS);
  assert.equal((await stored).body.sha256, digest.toString("hex"));
  const start = performance.now();
  await stopping;
  const ms = performance.now() - start;
  assert.ok(ms < DEADLINE_MS / 2, `${ms} ms`);
  assert.equal((await client.closed).closeCode, 4);
});

Deno.test("A client that may choose goes where there is much less to do", async () => {
  await using fleet = await Fleet.start(2);
  const [first = 0, second = 0] = fleet.ports;
  await using stack = new AsyncDisposableStack();
  for (let count = 0; count < 4; count++) {
    const crowding = await connect({ ...fleet.access([first]), spread: false });
    // Whoever asks for something stays.
    await stack.use(crowding).ping();
  }
  await waitFor("the sessions are counted", () => fleet.sessions(first) === 4);
  await fleet.tell();
  // The first may come before the worker has read what it was told.
  await waitFor("a client goes to the other worker", async () => {
    await using chooser = await connect(fleet.access());
    return portOf(chooser) === second;
  });
  const bound = stack.use(await connect(fleet.access([first])));
  assert.equal(portOf(bound), first);
});
