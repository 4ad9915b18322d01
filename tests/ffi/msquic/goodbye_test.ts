import assert from "node:assert/strict";
import { Connection } from "../../../ffi/mod.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { within } from "../within.ts";
import { SlowPath } from "./slow_path.ts";

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
