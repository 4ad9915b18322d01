import assert from "node:assert/strict";
import { totalmem } from "node:os";
import { Library } from "../../../ffi/mod.ts";
import { setDefences } from "../../../ffi/msquic/defences.ts";
import { Param, Settings as Layout } from "../../../ffi/msquic/abi/mod.ts";
import { DEFENCES } from "../../../worker/settings.ts";
import { firstPacket } from "../../fixtures/first_packet.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { within } from "../within.ts";

/** A Retry packet of QUIC version 1 (RFC 9000 section 17.2.5). */
function isRetry(packet: Uint8Array): boolean {
  return ((packet[0] ?? 0) & 0xf0) === 0xf0 && packet[4] === 1;
}

/** Sends a packet from another port each time. @returns What comes back, of the first answer. */
async function answerTo(packet: Uint8Array, port: number): Promise<Uint8Array> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    await socket.send(packet, { transport: "udp", hostname: "127.0.0.1", port });
    const [answer] = await within(30_000, "an answer", socket.receive());
    return answer;
  } finally {
    socket.close();
  }
}

function globalSettings(library: Library): DataView {
  const value = new Uint8Array(Layout.size);
  const length = Uint32Array.of(value.length);
  assert.equal(library.runtime.api.GetParam(null, Param.GLOBAL_SETTINGS, length, value), 0);
  return new DataView(value.buffer);
}

Deno.test("MsQuic's defences are as they are set", async () => {
  await using library = Library.open();
  setDefences(library, DEFENCES, totalmem());
  const settings = globalSettings(library);
  assert.equal(
    settings.getUint32(Layout.MaxWorkerQueueDelayUs, true),
    1000 * DEFENCES.maxQueueDelayMs,
  );
  const { statelessAnswers, statelessAnswersOfPort, statelessMs } = DEFENCES;
  assert.equal(settings.getUint32(Layout.MaxStatelessOperations, true), statelessAnswers);
  assert.equal(
    settings.getUint16(Layout.MaxBindingStatelessOperations, true),
    statelessAnswersOfPort,
  );
  assert.equal(settings.getUint16(Layout.StatelessOperationExpirationMs, true), statelessMs);
});

Deno.test("Where many handshakes are half open, clients have to show that they are where they say", async () => {
  await using library = Library.open();
  await using pair = await QuicPair.open();
  const { port } = pair.listener.address;
  const packet = await firstPacket(pair);
  // What one unit of MsQuic's is on this machine, and at least 16.
  const handshakes = Math.max(16, Math.ceil(totalmem() / 0xffff / (36 * 1024)));
  setDefences(library, { ...DEFENCES, handshakes }, totalmem());
  try {
    let answered = 0;
    while (!isRetry(await answerTo(packet, port))) {
      answered++;
      assert.ok(answered < 4 * handshakes, "no Retry");
    }
    assert.ok(answered >= handshakes / 4, `${answered} of ${handshakes}`);
    // Nothing is kept for those: the next one gets the same answer, and a client of good will gets in.
    assert.ok(isRetry(await answerTo(packet, port)));
    await using _both = await pair.connect();
  } finally {
    setDefences(library, DEFENCES, totalmem());
  }
});
