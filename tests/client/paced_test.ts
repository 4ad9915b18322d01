import assert from "node:assert/strict";
import { join } from "node:path";
import { type Client, connect, type ManyFile, type TransferResult } from "../../client/mod.ts";
import { PacedStream } from "../../client/paced_stream.ts";
import { pacedWindow, Pacer } from "../../client/pacer.ts";
import "../fixtures/loaded_msquic.ts";
import { BadNetwork } from "../fixtures/network.ts";
import { withServer } from "../fixtures/server.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes in a second. */
const RATE = 2 * MIB;

/** What is not used of a quarter of a second is free at the beginning, and one piece goes at once. */
const FREE = 0.3 * RATE;

/** @param bytes Of the files, to which names, times and sums come. */
function checkTime(what: string, bytes: number, ms: number): void {
  const wanted = (bytes - FREE) / RATE * 1000;
  // Nothing makes it faster. A busy machine may make it slower, but nothing waits for twice its time for ever.
  assert.ok(ms >= wanted && ms < 10 * wanted, `${what}: ${ms} ms, and not ${wanted}`);
}

async function timed<Result>(what: string, bytes: number, action: () => Promise<Result>) {
  const start = performance.now();
  const result = await action();
  checkTime(what, bytes, performance.now() - start);
  return result;
}

function small(count: number, length: number): ManyFile[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `small/${index}`,
    source: crypto.getRandomValues(new Uint8Array(length)),
  }));
}

async function all<Outcome extends object>(outcomes: AsyncIterable<Outcome>): Promise<number> {
  let count = 0;
  for await (const outcome of outcomes) {
    assert.ok("result" in outcome, JSON.stringify(outcome));
    const { limitedBy } = outcome.result as TransferResult;
    assert.equal(typeof limitedBy, "string");
    count++;
  }
  return count;
}

Deno.test("A client with a rate sends and receives no more in a second, small files as well", async () => {
  await withServer(async ({ server, token, fingerprint, directory }) => {
    const compress = "none"; // or there would be fewer bytes
    const open = () => connect({ server, token, fingerprint, bytesPerSecond: RATE, compress });
    const large = crypto.getRandomValues(new Uint8Array(64 * KIB));
    const bytes = 4 * MIB;
    const data = new Uint8Array(bytes).map((_, at) => large[at % large.length] ?? 0);
    const use = async (action: (client: Client) => Promise<void>) => {
      await using client = await open();
      await action(client);
    };
    const files = small(200, 20 * KIB);
    const ofFiles = 200 * 20 * KIB;
    await using free = await connect({ server, token, fingerprint });
    await free.put(data, "there");
    const slow = { server, token, fingerprint, bytesPerSecond: 100 * KIB, compress } as const;
    const few = data.subarray(0, 200 * KIB);
    await free.put(few, "few");
    // Each has a rate of its own, so they need not wait for each other.
    await Promise.all([
      (async () => {
        await using client = await connect(slow);
        assert.equal((await client.put(few, "b")).limitedBy, "rate");
        // What is written here waits for a disk that others may keep busy for longer.
        const { limitedBy } = await client.get("few", join(directory, "few"));
        assert.ok(limitedBy === "rate" || limitedBy === "disk", limitedBy);
      })(),
      use(async (client) => {
        await timed("put", bytes, () => client.put(data, "a"));
      }),
      use(async (client) => {
        const path = join(directory, "got");
        await timed("get", bytes, () => client.get("there", path));
        assert.deepEqual(await Deno.readFile(path), data);
      }),
      use(async (client) => {
        const count = await timed("put_many", ofFiles, () => all(client.putMany(files)));
        assert.equal(count, files.length);
        const wanted = files.map(({ name }) => ({
          name,
          path: join(directory, "many", name),
          size: 20 * KIB,
        }));
        await timed("get_many", ofFiles, () => all(client.getMany(wanted)));
      }),
    ]);
  });
});

Deno.test({
  name: "A client with a rate is sent no more ahead than goes in half a second",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withServer(async ({ server, port, token, fingerprint }) => {
      await using network = await BadNetwork.start({ targets: [port] });
      await using free = await connect({ server, token, fingerprint });
      await free.put(new Uint8Array(4 * MIB), "there");
      await using client = await connect({
        ...{ server: `127.0.0.1:${network.port}`, token, fingerprint },
        ...{ bytesPerSecond: 100 * KIB, compress: "none" },
      });
      const given = new AbortController();
      const getting = client.getStream("there", () => Promise.resolve(), { signal: given.signal });
      const start = performance.now();
      setTimeout(() => given.abort(), 600);
      await assert.rejects(getting, { name: "AbortError" });
      const seconds = (performance.now() - start) / 1000;
      const { down: { receivedBytes: bytes } } = await network.figures();
      // What was read, what is free at first, what is being read and waits for that, and what QUIC adds.
      const most = 100 * KIB * (seconds + 0.3) + 2 * pacedWindow(100 * KIB, MIB) + 100 * KIB;
      assert.ok(bytes < most, `${bytes} bytes in ${seconds} s, more than ${most}`);
    }),
});

Deno.test("pacedWindow() has room for half a second, in powers of two, within bounds", () => {
  assert.equal(pacedWindow(MIB, 16 * MIB), MIB / 2);
  assert.equal(pacedWindow(1000, 16 * MIB), 64 * KIB);
  assert.equal(pacedWindow(1024 * MIB, 16 * MIB), 16 * MIB);
});

Deno.test("PacedStream waits for nothing any more when it is given up, or its reader is", async () => {
  const sends: number[] = [];
  let aborted: number | undefined;
  const inner = {
    read: () => Promise.resolve(new Uint8Array(100_000)),
    send(data: Uint8Array) {
      sends.push(data.length);
      return aborted === undefined ? Promise.resolve() : Promise.reject(new Error("over"));
    },
    abort: (code?: number) => void (aborted = code),
    close: () => Promise.resolve(),
  };
  const stream = new PacedStream(inner, new Pacer(1000));
  const given = new AbortController();
  assert.equal((await stream.read())?.length, 4096);
  const reading = stream.read({ signal: given.signal });
  given.abort();
  await assert.rejects(reading, { name: "AbortError" });
  const sending = stream.send(new Uint8Array(20_000));
  stream.abort(5);
  await assert.rejects(sending, /over/);
  assert.equal(aborted, 5);
  await stream.close();
  await assert.rejects(stream.send(new Uint8Array(20_000)), /over/);
  assert.deepEqual(sends.slice(0, 2), [4096, 4096]);
});
