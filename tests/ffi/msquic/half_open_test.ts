import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { Connection } from "../../../ffi/mod.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";

/** The first packet of a client that then hears nothing. */
async function firstPacket(pair: QuicPair): Promise<Uint8Array> {
  const socket = createSocket("udp4");
  socket.bind({ address: "127.0.0.1", port: 0 });
  await once(socket, "listening");
  const abort = new AbortController();
  const connecting = Connection.connect(pair.registration, {
    configuration: pair.clientConfiguration(),
    server: { hostname: "127.0.0.1", port: socket.address().port },
    signal: abort.signal,
  });
  const [packet] = await once(socket, "message");
  abort.abort(new Error("enough"));
  await assert.rejects(connecting, /enough/);
  const closed = once(socket, "close");
  socket.close();
  await closed;
  return packet;
}

Deno.test("Registration.close() does not wait for clients that vanished during the handshake", async () => {
  let ms: number;
  {
    await using pair = await QuicPair.open();
    const packet = await firstPacket(pair);
    const socket = createSocket("udp4");
    socket.send(packet, pair.listener.address.port, "127.0.0.1");
    // The server has answered: from now on it has a connection.
    await once(socket, "message");
    const closed = once(socket, "close");
    socket.close();
    await closed;
    const start = performance.now();
    await pair.listener.close();
    await pair.registration.close();
    ms = performance.now() - start;
  }
  // MsQuic itself would wait for ten seconds.
  assert.ok(ms < 6000, `${ms} ms`);
});
