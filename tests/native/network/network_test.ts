import "../../fixtures/loaded_libc.ts";
import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { buildNetwork } from "../../../native/network/build.ts";
import { NetworkError, type NetworkOptions } from "../../../native/network/bad_network.ts";
import { BadNetwork } from "../../fixtures/network.ts";
import { UdpPeer } from "./udp_peer.ts";

// It is written for Linux alone.
const ignore = Deno.build.os !== "linux";

function networkTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `The bad network ${name}`, ignore, fn });
}

/** Fits any receive buffer. */
const AT_ONCE = 50;

/** A server, the network before it, and a client. */
async function openPath(
  options: Omit<NetworkOptions, "targets">,
): Promise<AsyncDisposable & { server: UdpPeer; client: UdpPeer; network: BadNetwork }> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await UdpPeer.open());
  const client = stack.use(await UdpPeer.open());
  const network = stack.use(await BadNetwork.start({ ...options, targets: [server.port] }));
  const owned = stack.move();
  return { server, client, network, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Path = Awaited<ReturnType<typeof openPath>>;

/** Sends numbered datagrams up, and waits until each has come or is lost. */
async function sendNumbered(
  { server, client, network }: Path,
  count: number,
  length = 8,
): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const end = Math.min(count, from + AT_ONCE);
    for (let number = from; number < end; number++) {
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(0, number);
      client.send(bytes, network.port);
    }
    await settled(server, network, end);
  }
}

/** Waits until so many have been sent, and what of them was to come is there. */
async function settled(server: UdpPeer, network: BadNetwork, sent: number): Promise<void> {
  for (;;) {
    const { received, duplicated, ...up } = (await network.figures()).up;
    const gone = up.lost + up.queueDropped + up.tooLarge + up.outageDropped;
    if (received === sent && up.sent === received - gone + duplicated) {
      return await server.has(up.sent);
    }
    await delay(2);
  }
}

function numbersOf(peer: UdpPeer): number[] {
  return peer.received.map(({ bytes }) =>
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  );
}

async function survivorsOf(options: Omit<NetworkOptions, "targets">): Promise<number[]> {
  await using path = await openPath(options);
  await sendNumbered(path, 500);
  return numbersOf(path.server);
}

networkTest("delays each direction by itself, and keeps the order", async () => {
  await using path = await openPath({ up: { delayMs: 30, jitterMs: 10 }, down: { delayMs: 15 } });
  const { server, client, network } = path;
  const start = performance.now();
  await sendNumbered(path, 5);
  assert.deepEqual(numbersOf(server), [0, 1, 2, 3, 4]);
  const [first] = server.received;
  assert.ok(first!.at - start >= 30);
  const answered = performance.now();
  server.send(first!.bytes, first!.port);
  await client.has(1);
  assert.ok(client.received[0]!.at - answered >= 15);
  assert.equal(client.received[0]!.port, network.port);
});

networkTest("loses a share, and the same datagrams for the same seed", async () => {
  const first = await survivorsOf({ loss: 10, seed: 7 });
  assert.ok(first.length > 420 && first.length < 480, String(first.length));
  assert.deepEqual(await survivorsOf({ loss: 10, seed: 7 }), first);
  assert.notDeepEqual(await survivorsOf({ loss: 10, seed: 8 }), first);
});

networkTest("loses datagrams in bursts", async () => {
  const numbers = await survivorsOf({ burst: { begin: 2, end: 20 } });
  assert.ok(numbers.length > 400 && numbers.length < 490, String(numbers.length));
  const gaps = numbers.slice(1).map((number, i) => number - numbers[i]! - 1).filter((gap) =>
    gap > 0
  );
  const mean = gaps.reduce((sum, gap) => sum + gap) / gaps.length;
  assert.ok(mean > 2.5, `A burst takes ${mean} on the average`);
});

networkTest("sends at its rate, and drops what its queue has no room for", async () => {
  // 20 ms each on the wire.
  const length = 1250 - 28;
  await using path = await openPath({ rateMbit: 0.5, queueMs: 100 });
  const start = performance.now();
  await sendNumbered(path, 40, length);
  const { up } = await path.network.figures();
  assert.equal(up.sent + up.queueDropped, 40);
  assert.ok(up.queueDropped > 0);
  assert.ok(up.queueMs.max > 80 && up.queueMs.max <= 100, String(up.queueMs.max));
  const { received } = path.server;
  assert.ok(received.length >= 6);
  assert.ok(received[5]!.at - start >= 120);
});

networkTest("drops what is larger than its MTU, of both directions or one", async () => {
  await using path = await openPath({ mtu: 1500, up: { mtu: 1300 } });
  await sendNumbered(path, 1, 1300 - 28);
  await path.network.change({ mtu: 1280 }, "up");
  path.client.send(new Uint8Array(1300 - 28), path.network.port);
  await settled(path.server, path.network, 2);
  const { port } = path.server.received[0]!;
  path.server.send(new Uint8Array(1500 - 27), port);
  path.server.send(new Uint8Array(1500 - 28), port);
  await path.client.has(1);
  const { up, down } = await path.network.figures();
  assert.equal(path.client.received[0]!.bytes.length, 1500 - 28);
  assert.deepEqual([up.tooLarge, down.tooLarge], [1, 1]);
});

networkTest("changes the client's address, and hands answers to the same client", async () => {
  await using path = await openPath({});
  const { server, client, network } = path;
  await sendNumbered(path, 1);
  await network.rebind();
  client.send(Uint8Array.of(9), network.port);
  await server.has(2);
  const [before, after] = server.received;
  assert.notEqual(after!.port, before!.port);
  server.send(Uint8Array.of(1), before!.port); // nobody has that address any more
  server.send(Uint8Array.of(2), after!.port);
  await client.has(1);
  assert.deepEqual(client.received.map(({ bytes }) => bytes[0]), [2]);
});

networkTest("lets nothing through in an outage", async () => {
  await using path = await openPath({});
  await sendNumbered(path, 1);
  await path.network.outage(60);
  path.client.send(Uint8Array.of(1), path.network.port);
  await settled(path.server, path.network, 2);
  assert.equal((await path.network.figures()).up.outageDropped, 1);
  await path.network.outage(0);
  path.client.send(Uint8Array.of(2), path.network.port);
  await path.server.has(2);
  assert.equal(path.server.received[1]!.bytes[0], 2);
  await path.network.outage(0.05);
  await delay(60);
  await path.network.reset();
  path.client.send(Uint8Array.of(3), path.network.port);
  await settled(path.server, path.network, 1);
  assert.equal((await path.network.figures()).up.outageDropped, 0);
});

networkTest("reorders, doubles and spoils datagrams, and says how many", async () => {
  const shares = { reorder: 20, reorderByMs: 30, duplicate: 10, corrupt: 10 };
  await using path = await openPath(shares);
  await sendNumbered(path, 100, 100);
  const { up } = await path.network.figures();
  for (const count of [up.reordered, up.duplicated, up.corrupted]) {
    assert.ok(count > 0 && count < 40, String(count));
  }
  const { received } = path.server;
  assert.equal(received.length, 100 + up.duplicated);
  const wrong = received.filter(({ bytes }) => bytes.subarray(4).some((byte) => byte !== 0));
  assert.ok(wrong.length > 0);
  const numbers = numbersOf(path.server);
  assert.ok(numbers.some((number, i) => i > 0 && number < numbers[i - 1]!));
});

networkTest("keeps many clients of several servers apart", async () => {
  await using stack = new AsyncDisposableStack();
  const open = async (echo: boolean) => stack.use(await UdpPeer.open({ echo }));
  const servers = [await open(true), await open(true)];
  const network = stack.use(await BadNetwork.start({ targets: servers.map(({ port }) => port) }));
  const clients = await Promise.all(Array.from({ length: 40 }, () => open(false)));
  clients.forEach((client, i) =>
    network.ports.forEach((port, j) => {
      client.send(Uint8Array.of(i, j), port);
    })
  );
  await Promise.all(clients.map((client) => client.has(2)));
  clients.forEach((client, i) => {
    const told = client.received.map((
      { bytes, port },
    ) => [bytes[0], network.ports[bytes[1]!] === port]);
    assert.deepEqual(told, [[i, true], [i, true]]);
  });
  assert.equal((await network.figures()).clients, 80);
  for (const server of servers) assert.equal(server.received.length, 40);
});

networkTest("refuses a command line that makes no sense, and says what there is", async () => {
  const program = await buildNetwork();
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
    return [code, new TextDecoder().decode(code === 0 ? stdout : stderr)] as const;
  };
  const [helped, help] = await run("--help");
  assert.equal(helped, 0);
  for (const args of [["--loss", "200"], ["--target", "70000"], ["--mtu"], ["--faster", "1"], []]) {
    const [code, text] = await run(...args);
    assert.equal(code, 2, args.join(" "));
    assert.ok(text.startsWith(`network: ${args[0] ?? "--target"}: `) && text.endsWith(help), text);
  }
});

networkTest("says what it does not take, and goes on", async () => {
  await using network = await BadNetwork.start({ targets: [9] });
  await assert.rejects(network.change({ loss: 200 }), NetworkError);
  await network.change({ rateMbit: 30, burst: { begin: 1, end: 2 } }, "down");
  assert.equal((await network.figures()).up.received, 0);
});
