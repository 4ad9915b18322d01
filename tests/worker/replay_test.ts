import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { delay } from "../../base/mod.ts";
import { connect } from "../../client/mod.ts";
import {
  encodeMessage,
  Flags,
  MessageReader,
  messages,
  type OutgoingMessage,
} from "../../protocol/mod.ts";
import { within } from "../ffi/within.ts";
import { withServer } from "../fixtures/server.ts";
import { FirstFlight, hasEarlyData } from "./first_flight.ts";

/** How often a client may come until it has a ticket, and sends before it is connected. */
const ATTEMPTS = 20;

const PATIENCE_MS = 10_000;

/** By when a request that came is done, in milliseconds. */
const DONE_MS = 100;

/** Sends messages, each on a stream of its own, as soon as it can; resolves with their flags. */
async function askAtOnce(connection: Deno.QuicConn, asked: OutgoingMessage[]): Promise<number[]> {
  return await Promise.all(asked.map(async (message) => {
    const stream = await connection.createBidirectionalStream();
    const writer = stream.writable.getWriter();
    void writer.write(encodeMessage(message)).then(() => writer.close());
    const readable = stream.readable.getReader();
    const read = async () => (await readable.read()).value ?? null;
    return (await new MessageReader({ read }).readMessage()).flags;
  }));
}

Deno.test({
  name: "What a client sends before the handshake is complete does nothing when it is sent again",
  ignore: Deno.build.os !== "linux", // as Deno's own QUIC
  async fn() {
    await withServer(async ({ server, token, port, fingerprint, certificateFile }) => {
      await using client = await connect({ server, token, fingerprint });
      const store = () => client.put(new Uint8Array(10), "kept", { overwrite: "always" });
      const caCerts = [await Deno.readTextFile(certificateFile)];
      using endpoint = disposable(new Deno.QuicEndpoint());
      const asked = [
        { type: messages.hello.type, body: { token } },
        { type: messages.fileDelete.type, body: { name: "kept" } },
      ];
      let flight: Uint8Array[] = [];
      for (let attempt = 0; !flight.some(hasEarlyData); attempt++) {
        assert.ok(attempt < ATTEMPTS, "No client ever sends before it is connected");
        await store();
        using relay = FirstFlight.to(port);
        const connection = await Deno.connectQuic({
          ...{ hostname: "127.0.0.1", port: relay.port, serverName: "localhost", caCerts },
          ...{ alpnProtocols: ["msquicd/1"], endpoint: endpoint.value, zeroRtt: true },
        });
        // The real one is served, whenever it was sent.
        const answers = await within(PATIENCE_MS, "answers", askAtOnce(connection, asked));
        assert.deepEqual(answers, [Flags.response, Flags.response]);
        connection.close();
        flight = relay.datagrams;
      }
      await store();
      using attacker = disposable(
        Deno.listenDatagram({ hostname: "127.0.0.1", port: 0, transport: "udp" }),
      );
      const to = { hostname: "127.0.0.1", port, transport: "udp" } as const;
      for (const datagram of flight) await attacker.value.send(datagram, to);
      // The server takes it for a client, and answers.
      await within(PATIENCE_MS, "an answer of the server's", attacker.value.receive());
      await delay(DONE_MS);
      assert.equal((await client.stat("kept")).size, 10);
    });
  },
});

function disposable<Resource extends { close(): void }>(value: Resource) {
  return { value, [Symbol.dispose]: () => value.close() };
}
