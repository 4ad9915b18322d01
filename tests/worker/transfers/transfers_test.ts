import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { delay } from "../../../base/mod.ts";
import { HandlerRegistry, type TransferUnderWay } from "../../../handlers/messages/mod.ts";
import { ApplicationError, encodeMessage, Flags, MessageType } from "../../../protocol/mod.ts";
import { pageOfTransfers } from "../../../worker/transfers/transfer_pages.ts";
import { FakeStream, SessionBench } from "../fakes.ts";

const { filePut } = MessageType;
const CUSTOM = 0x8000;
const MIB = 2 ** 20;

/** A handler that is at a transfer until it is let go. */
async function transferring() {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<TransferUnderWay>();
  const bench = await SessionBench.open({
    handlers: new HandlerRegistry([{
      type: CUSTOM,
      name: "example.send",
      right: "use",
      async handle(context) {
        using transfer = context.beginTransfer("a", { direction: "down", size: 100, start: 10 });
        begun.resolve(transfer);
        await gate.promise;
        return {};
      },
    }]),
  });
  const stream = bench.connection.request(CUSTOM, {});
  return { bench, stream, gate, transfer: await begun.promise };
}

Deno.test("Transfers has what is under way, with how far it is, until it is over", async () => {
  const { bench, stream, gate, transfer } = await transferring();
  await using _bench = bench;
  const { transfers } = bench;
  transfer.progress(60);
  const { transfers: [told, other] } = pageOfTransfers(transfers.of(), { limit: 10 });
  assert.equal(other, undefined);
  const { id, since, rate, ...rest } = told!;
  assert.deepEqual(rest, {
    ...{ request: "example.send", name: "a", direction: "down", size: 100, offset: 60, start: 10 },
    ...{ session: bench.session.id, peer: bench.session.peer, agent: "test", identity: "owner" },
  });
  assert.match(id, /^[0-9a-f]{12}$/);
  assert.ok(rate >= 0 && Math.abs(since - Date.now()) < 60_000);
  assert.deepEqual([...transfers.counts], [[bench.session.id, 1]]);
  gate.resolve();
  await stream.answer();
  assert.deepEqual(pageOfTransfers(transfers.of(), { limit: 10 }), { transfers: [] });
});

Deno.test("Transfers cancels what does not say how by a reset, and nothing that is as good as done", async () => {
  for (const settled of [false, true]) {
    const { bench, stream, gate, transfer } = await transferring();
    await using _bench = bench;
    const [{ id } = { id: "" }] = bench.transfers.of(bench.session.id);
    if (settled) transfer.settle();
    assert.equal(bench.transfers.cancel("000000000000", undefined), false);
    assert.equal(bench.transfers.cancel(id, undefined), !settled);
    assert.equal(stream.abortedWith, settled ? undefined : ApplicationError.withdrawn);
    gate.resolve();
    await stream.over();
  }
});

Deno.test("Transfers has each in one page", async () => {
  await using bench = await SessionBench.open();
  const { session, transfers } = bench;
  const begin = (name: string) =>
    transfers.begin({ session, request: "x", name, details: {}, end() {} });
  const all = ["a", "b", "c", "d", "e"].map(begin);
  const first = pageOfTransfers(transfers.of(), { limit: 2 });
  transfers.end(all[1]!);
  transfers.end(all[3]!);
  begin("f");
  const second = pageOfTransfers(transfers.of(), { limit: 2, after: first.next! });
  const third = pageOfTransfers(transfers.of(), { limit: 2, after: second.next! });
  const names = [first, second, third].map((page) => page.transfers.map(({ name }) => name));
  assert.deepEqual(names, [["a", "b"], ["c", "e"], ["f"]]);
  assert.equal(third.next, undefined);
});

Deno.test("file.put that is cancelled is told why, and nothing is kept of it", async () => {
  await using bench = await SessionBench.open();
  const id = "0123456789abcdef".repeat(2);
  const body = { name: "a", size: 4 * MIB, id };
  const head = encodeMessage({ type: filePut, flags: Flags.data, body });
  const stream = bench.connection.open(new FakeStream([head], { open: true }));
  stream.clientSends(new Uint8Array(randomBytes(MIB)));
  const deadline = performance.now() + 30_000;
  while (bench.transfers.of()[0]?.offset !== MIB) {
    assert.ok(performance.now() < deadline, "It does not come");
    await delay(2);
  }
  const [transfer] = bench.transfers.of();
  assert.deepEqual([transfer?.direction, transfer?.size, transfer?.start], ["up", 4 * MIB, 0]);
  assert.equal(bench.transfers.cancel(transfer!.id, "enough"), true);
  assert.deepEqual((await stream.answer()).body, {
    code: "transfer-cancelled",
    message: "Transfer was cancelled by the server's operator: enough",
  });
  assert.equal(stream.stoppedWith, ApplicationError.refused);
  assert.deepEqual([...Deno.readDirSync(bench.storage.staging)], []);
  assert.deepEqual(bench.failures, []);
});
