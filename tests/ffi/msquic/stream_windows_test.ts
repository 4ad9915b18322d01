import assert from "node:assert/strict";
import { Connection, type Stream } from "../../../ffi/mod.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { SlowPath } from "./slow_path.ts";
import { firstStream, pattern, quiet, readAll } from "./stream_helpers.ts";
import { within } from "../within.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

Deno.test("A stream whose reader was fast and stops leaves room for others", async () => {
  await using pair = await QuicPair.open({
    streamRecvWindow: 64 * KIBIBYTE,
    streamRecvWindowLimit: 256 * KIBIBYTE,
    connFlowControlWindow: MEBIBYTE,
  });
  await using path = await SlowPath.open(pair.listener.address, 5);
  const connections = pair.listener[Symbol.asyncIterator]();
  const [client, { value: server }] = await Promise.all([
    Connection.connect(pair.registration, {
      configuration: pair.clientConfiguration(),
      server: path.address,
    }),
    connections.next(),
  ]);
  assert.ok(server !== undefined);
  const transfer = await client.openStream();
  transfer.send(new Uint8Array(8 * MEBIBYTE)).catch(() => {});
  const stalled = await firstStream(server);
  // Its window would be the connection's by then.
  await within(30_000, "what is read", readSome(stalled, 3 * MEBIBYTE));
  await within(30_000, "what may be sent", quiet(server));
  const others = Array.from({ length: 10 }, async () => {
    const stream = await client.openStream();
    await stream.send(pattern(30 * KIBIBYTE), { fin: true });
  });
  await within(30_000, "what the others send", Promise.all(others));
  assert.deepEqual(await readAll(await firstStream(server)), pattern(30 * KIBIBYTE));
  await Promise.all([client.close(), server.close()]);
});

async function readSome(stream: Stream, length: number): Promise<void> {
  for (let read = 0; read < length;) read += (await stream.read())!.length;
}
