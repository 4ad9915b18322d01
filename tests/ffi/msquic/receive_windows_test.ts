import assert from "node:assert/strict";
import { delay, MemoryBudget } from "../../../base/mod.ts";
import { Connection, type Stream } from "../../../ffi/mod.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { within } from "../within.ts";
import { SlowPath } from "./slow_path.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GROWTH = { first: 16 * KIB, usual: 64 * KIB, most: 256 * KIB };

/** Pieces up to this length are copied (`ffi/msquic/receive_event.ts`), and then in no window any more. */
const COPIED = 4096;

/** How long there must be nothing for nothing to come any more, in milliseconds. */
const QUIET_MS = 300;

/** What comes in that time although nobody may send: that they would like to. */
const TALK = 32 * KIB;

/** Streams of one client that send for ever, over a path of 10 ms of round trip. */
class Uploads implements AsyncDisposable {
  readonly budget: MemoryBudget;
  readonly server: Connection;
  readonly streams: readonly Stream[];
  readonly #client: Connection;
  readonly #path: SlowPath;
  readonly #resources: AsyncDisposableStack;
  /** Of each stream, what was read last and is not given back. */
  readonly #borrowed = new Map<Stream, number>();

  private constructor(
    budget: MemoryBudget,
    [client, server]: [Connection, Connection],
    streams: readonly Stream[],
    path: SlowPath,
    resources: AsyncDisposableStack,
  ) {
    this.budget = budget;
    this.server = server;
    this.streams = streams;
    this.#client = client;
    this.#path = path;
    this.#resources = resources;
  }

  static async begin(budgetBytes: number, count: number): Promise<Uploads> {
    await using resources = new AsyncDisposableStack();
    const budget = new MemoryBudget(budgetBytes);
    const pair = resources.use(
      await QuicPair.open(
        { streamRecvWindow: GROWTH.first, connFlowControlWindow: 64 * MIB },
        { windowGrowth: { budget, ...GROWTH } },
      ),
    );
    const path = resources.use(await SlowPath.open(pair.listener.address, 5));
    const connections = pair.listener[Symbol.asyncIterator]();
    const [client, { value: server }] = await Promise.all([
      Connection.connect(pair.registration, {
        configuration: pair.clientConfiguration(),
        server: path.address,
      }),
      connections.next(),
    ]);
    const all = new Uint8Array(64 * MIB);
    for (let index = 0; index < count; index++) {
      const stream = await client.openStream();
      stream.send(all).catch(() => {});
    }
    const incoming = server!.streams[Symbol.asyncIterator]();
    const streams: Stream[] = [];
    while (streams.length < count) {
      const { value } = await within(30_000, "a stream", incoming.next());
      streams.push(value!);
    }
    return new Uploads(budget, [client, server!], streams, path, resources.move());
  }

  /** Reads from a stream, and does not give the last piece back. */
  async read(stream: Stream, bytes: number): Promise<void> {
    for (let read = 0; read < bytes;) {
      const { length } = (await within(30_000, "more", stream.read()))!;
      this.#borrowed.set(stream, inWindow(length));
      read += length;
    }
  }

  /** Waits until nothing more comes, and sees that nothing does; tells how many bytes are held. */
  async held(): Promise<number> {
    const received = () => this.server.statistics().bytesReceived;
    for (let before = 0; received() > before + TALK;) {
      before = received();
      await delay(QUIET_MS);
    }
    this.#path.broken = true;
    const held = await Promise.all(this.streams.map((stream) => this.#drain(stream)));
    this.#path.broken = false;
    return held.reduce((sum, bytes) => sum + bytes, 0);
  }

  async #drain(stream: Stream): Promise<number> {
    let held = this.#borrowed.get(stream) ?? 0;
    try {
      for (;;) {
        const piece = await stream.read({ signal: AbortSignal.timeout(QUIET_MS) });
        held += inWindow(piece!.length);
      }
    } catch (error) {
      if ((error as Error).name === "TimeoutError") return held;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#client.close(), this.server.close()]);
    await this.#resources.disposeAsync();
  }
}

function inWindow(length: number): number {
  return length > COPIED ? length : 0;
}

Deno.test("A window grows while its stream is read, is paid for, and given back", async () => {
  await using uploads = await Uploads.begin(4 * MIB, 1);
  const { budget, streams: [stream] } = uploads;
  await uploads.read(stream!, 2 * MIB);
  // The path carries what a window holds in a round trip, or comes near to it.
  assert.ok(budget.used >= GROWTH.usual && budget.used <= GROWTH.most, `${budget.used}`);
  const { used } = budget;
  const held = await uploads.held();
  assert.ok(held > GROWTH.first && held <= used, `${held} of ${used}`);
  await stream!.close();
  assert.equal(budget.used, 0);
});

Deno.test("A window does not grow where the budget has no room, and the stream goes on", async () => {
  await using uploads = await Uploads.begin(GROWTH.first, 1);
  const { budget, streams: [stream] } = uploads;
  await uploads.read(stream!, MIB);
  assert.equal(budget.used, GROWTH.first);
  const held = await uploads.held();
  assert.ok(held > 0 && held <= GROWTH.first, `${held}`);
});

Deno.test("What streams may make a process hold is never more than what was paid for", async () => {
  for (const budgetBytes of [256 * KIB, 4 * MIB]) {
    await using uploads = await Uploads.begin(budgetBytes, 8);
    const { budget, streams } = uploads;
    const most = Math.max(budgetBytes, streams.length * GROWTH.first);
    // Some soon stop, some go on, and all of them share what the connection is told.
    await Promise.all(streams.map(async (stream, index) => {
      for (let turn = 0; turn < 2 ** index; turn++) {
        await uploads.read(stream, 10 * KIB);
        assert.ok(budget.used <= most, `${budget.used}`);
      }
    }));
    const { used } = budget;
    const held = await uploads.held();
    // What was copied is given back as it comes, and what has come for that is in the window again.
    const copied = streams.length * COPIED;
    assert.ok(held > GROWTH.first && held <= used + copied, `${held} of ${used}`);
    await Promise.all(streams.map((stream) => stream.close()));
    assert.equal(budget.used, 0);
  }
});
