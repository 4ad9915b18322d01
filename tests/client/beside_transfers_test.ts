import assert from "node:assert/strict";
import { type Client, connect } from "../../client/mod.ts";
import { within } from "../ffi/within.ts";
import { BadNetwork } from "../fixtures/network.ts";
import { MIB, ResumeBench, until } from "../resume/bench.ts";

/** So much of a file is to come on this path for a minute, and longer where others are sent as well. */
const SIZE = 200 * MIB;
const PATH = { rttMs: 20, rateMbit: 30, queueMs: 40 } as const;

/** How many transfers run beside what is small. */
const TRANSFERS = 10;

Deno.test({
  name: "Nothing small waits behind large files on the same connection",
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    await using bench = await ResumeBench.open();
    const servers = [await bench.serve(), await bench.serve()] as const;
    const targets = servers.map(({ address }) => address.port);
    await using network = await BadNetwork.start({ targets, ...PATH });
    await using client = await connect({
      server: network.ports.map((port) => `127.0.0.1:${port}`),
      ...bench.access,
      compress: "none",
    });
    await using stored = await Deno.open(`${bench.root}/large`, { write: true, createNew: true });
    await stored.truncate(SIZE);

    await t.step("pings beside ten uploads", async () => {
      const data = new Uint8Array(SIZE);
      await using _uploads = await startAll((i, options) => client.put(data, `up${i}`, options));
      await pingSome(client);
    });

    await t.step("pings, and a server that leaves, beside ten downloads", async () => {
      const copy = (i: number) => bench.path(`copy${i}`);
      await using _downloads = await startAll((i, options) =>
        client.get("large", copy(i), options)
      );
      await pingSome(client);
      void servers[0].stop();
      await within(30_000, "the client to go elsewhere", until("it has", () => isUsed(servers[1])));
      assert.ok(isUsed(servers[0]), "its downloads go on where they are");
    });
  },
});

/** Has all of them under way; stops them at the end. */
async function startAll(
  start: (
    i: number,
    options: { signal: AbortSignal; onProgress: (bytes: number) => void },
  ) => Promise<unknown>,
): Promise<AsyncDisposable> {
  const stop = new AbortController();
  const progress = Array.from({ length: TRANSFERS }, () => 0);
  const running = progress.map((_, i) => {
    const onProgress = (bytes: number) => progress[i] = bytes;
    return start(i, { signal: stop.signal, onProgress });
  });
  const over = Promise.allSettled(running);
  await until("some have begun", () => progress.some((bytes) => bytes > 0));
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await over;
    },
  };
}

/** They take a round trip, the path's queue and a turn: 60 ms or so; behind a file, a minute. */
async function pingSome(client: Client): Promise<void> {
  for (let i = 0; i < 5; i++) await within(30_000, "a ping", client.ping());
}

function isUsed({ sessions }: { sessions: Iterable<{ admitted: boolean }> }): boolean {
  return Array.from(sessions).some(({ admitted }) => admitted);
}
