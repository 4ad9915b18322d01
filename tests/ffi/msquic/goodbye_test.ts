import assert from "node:assert/strict";
import { Connection } from "../../../ffi/mod.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { within } from "../within.ts";
import { SlowPath } from "./slow_path.ts";
import { firstStream } from "./stream_helpers.ts";

/** How long an acknowledgement waits for more to acknowledge, where nobody says otherwise. */
const ACK_DELAY_MS = 25;

Deno.test("Connection.close() tells the peer, and does not wait until it has heard it", async () => {
  await using pair = await QuicPair.open();
  await using path = await SlowPath.open(pair.listener.address, 0);
  const connections = pair.listener[Symbol.asyncIterator]();
  const client = await Connection.connect(pair.registration, {
    configuration: pair.clientConfiguration(),
    server: path.address,
  });
  const { value: server } = await within(30_000, "the server's end", connections.next());
  let heard = false;
  const end = server!.ended.then((end) => {
    heard = true;
    return end;
  });

  path.hold();
  // What was said before is not said again, nor waited for.
  client.shutdown(7);
  await client.close(8);
  assert.equal(heard, false);
  path.release();
  assert.deepEqual(
    (({ by, errorCode }) => ({ by, errorCode }))(await within(30_000, "the goodbye", end)),
    { by: "peer", errorCode: 7 },
  );
});

Deno.test("Connection.close() tells each of many peers, also where an acknowledgement goes first", async () => {
  await using pair = await QuicPair.open();
  const ends: Awaited<ReturnType<QuicPair["connect"]>>[] = [];
  while (ends.length < 60) ends.push(await pair.connect());
  for (const { client, server } of ends) {
    const stream = await server.openStream();
    const sent = stream.send(new Uint8Array(1));
    await (await firstStream(client)).read();
    sent.catch(() => {}); // it may end before that is acknowledged
  }
  const ended = Promise.all(ends.map(({ server }) => server.ended));
  // By then, acknowledgements are due; nothing is polled meanwhile.
  const due = performance.now() + 2 * ACK_DELAY_MS;
  while (performance.now() < due);
  await Promise.all(ends.map(({ client }) => client.close(7)));
  const codes = (await within(30_000, "the goodbyes", ended)).map((
    { by, errorCode },
  ) => [by, errorCode]);
  assert.deepEqual(codes, ends.map(() => ["peer", 7]));
});
