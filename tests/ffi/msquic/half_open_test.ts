import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { firstPacket } from "../../fixtures/first_packet.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";

Deno.test("Registration.close() does not wait for clients that vanished during the handshake", async () => {
  let ms: number;
  {
    await using pair = await QuicPair.open();
    const packet = await firstPacket(pair);
    const socket = createSocket("udp4");
    socket.send(packet, pair.listener.address.port, "127.0.0.1");
    // The server has answered: from now on it has a connection.
    await once(socket, "message");
    assert.equal(pair.listener.handshaking, 1);
    const closed = once(socket, "close");
    socket.close();
    await closed;
    const start = performance.now();
    await pair.listener.close();
    await pair.registration.close();
    assert.equal(pair.listener.handshaking, 0);
    ms = performance.now() - start;
  }
  // MsQuic itself would wait for ten seconds.
  assert.ok(ms < 6000, `${ms} ms`);
});
