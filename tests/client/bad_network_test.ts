import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { connect, type ConnectionNotice, type TransferResult } from "../../client/mod.ts";
import { BadNetwork, type Impairments } from "../fixtures/network.ts";
import { MIB, randomData, ResumeBench, until } from "../resume/bench.ts";
import type { Server } from "../../worker/mod.ts";

const ignore = Deno.build.os !== "linux";

const SIZE = 4 * MIB;

/** A server, a network before it, and a client that stores a file and fetches one. */
class Scene implements AsyncDisposable {
  readonly #bench: ResumeBench;
  readonly #data = [randomData(SIZE), randomData(SIZE)] as const;
  readonly network: BadNetwork;
  readonly server: Server;
  readonly notices: ConnectionNotice[] = [];
  readonly progress = { put: 0, get: 0 };

  private constructor(bench: ResumeBench, network: BadNetwork, server: Server) {
    this.#bench = bench;
    this.network = network;
    this.server = server;
  }

  static async open(impairments: Impairments & { rttMs: number }): Promise<Scene> {
    await using resources = new AsyncDisposableStack();
    const bench = resources.use(await ResumeBench.open());
    const server = await bench.serve();
    const targets = [server.address.port];
    const network = resources.use(await BadNetwork.start({ targets, ...impairments }));
    resources.move();
    return new Scene(bench, network, server);
  }

  connect() {
    return connect({
      ...{ server: `127.0.0.1:${this.network.port}`, ...this.#bench.access },
      onConnection: (notice) => this.notices.push(notice),
    });
  }

  /** What is known of the clients there. */
  get sessions(): { id: string; peer: string }[] {
    return Array.from(this.server.sessions, ({ id, peer }) => ({ id, peer }));
  }

  /** Stores a file and fetches one, with a client each; compares every byte. */
  async transfer(): Promise<
    Record<"put" | "get", TransferResult & { session: string | undefined }>
  > {
    const [up, down] = this.#data;
    const source = await this.#bench.source(up);
    const copy = this.#bench.path("copy");
    await Deno.writeFile(`${this.#bench.root}/down`, down);
    await using putting = await this.connect();
    await using getting = await this.connect();
    const [put, get] = await Promise.all([
      putting.put(source, "up", { onProgress: (bytes) => this.progress.put = bytes }),
      getting.get("down", copy, { onProgress: (bytes) => this.progress.get = bytes, resume: true }),
    ]);
    assert.equal(Buffer.compare(await this.#bench.stored("up"), up), 0);
    assert.equal(Buffer.compare(await Deno.readFile(copy), down), 0);
    return {
      put: { ...put, session: putting.session },
      get: { ...get, session: getting.session },
    };
  }

  /** Waits until both files are in the middle. */
  halfway(): Promise<void> {
    const { progress } = this;
    return until("both are under way", () => Math.min(progress.put, progress.get) > SIZE / 8);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    await this.#bench[Symbol.asyncDispose]();
  }
}

Deno.test({
  name:
    "put() and get() go on by themselves when the network is gone, and when their address changes",
  ignore,
  async fn() {
    await Promise.all([outlastOutage(), keepSession()]); // mostly waiting
  },
});

async function outlastOutage(): Promise<void> {
  await using scene = await Scene.open({ rttMs: 10, rateMbit: 50 });
  const transferring = scene.transfer();
  await scene.halfway();
  await scene.network.outage(4.5);
  const { put, get } = await transferring;
  assert.ok(put.resumedFrom > 0 && get.resumedFrom > 0, `${put.resumedFrom} ${get.resumedFrom}`);
}

/** The server sees the new address, and nothing else changes. */
async function keepSession(): Promise<void> {
  await using scene = await Scene.open({ rttMs: 10, rateMbit: 50 });
  const transferring = scene.transfer();
  await scene.halfway();
  const before = scene.sessions;
  await scene.network.rebind();
  await until("the server knows the new addresses", () => {
    const peers = before.map(({ peer }) => peer);
    return scene.sessions.every(({ peer }) => !peers.includes(peer));
  });
  const during = scene.sessions;
  const { put, get } = await transferring;
  assert.deepEqual([put.resumedFrom, get.resumedFrom], [0, 0]);
  for (const sessions of [before, during]) {
    assert.deepEqual(sessions.map(({ id }) => id), [put.session, get.session]);
  }
  assert.deepEqual(scene.notices, []);
}
