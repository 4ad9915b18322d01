import assert from "node:assert/strict";
import {
  Configuration,
  Connection,
  Listener,
  type SessionTicket,
  TICKET_KEY_LENGTH,
  type TicketStore,
} from "../../../ffi/mod.ts";
import { delay } from "../../../base/mod.ts";
import { makeTestCertificate } from "../../fixtures/certificate.ts";
import { BadNetwork } from "../../fixtures/network.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { within } from "../within.ts";

const ALPN = ["msquicd-test"];

/** Keeps the last ticket, and whom it is for. */
class Pocket implements TicketStore {
  ticket: SessionTicket | undefined;
  names: string[] = [];

  find(): SessionTicket | undefined {
    return this.ticket;
  }

  keep(serverName: string, ticket: SessionTicket): void {
    this.names.push(serverName);
    this.ticket = ticket;
  }

  /** Waits for so many tickets. */
  async holds(count: number): Promise<void> {
    while (this.names.length < count) await delay(2);
  }
}

function newKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(TICKET_KEY_LENGTH));
}

/** One more server, as in another process: only the certificate's files and the key are the same. */
async function anotherServer(
  pair: QuicPair,
  files: { certificateFile: string; privateKeyFile: string },
  key: Uint8Array,
): Promise<{ port: number; configuration: Configuration }> {
  const configuration = new Configuration(pair.registration, {
    alpn: ALPN,
    settings: { peerBidiStreamCount: 1, resumption: true },
    credential: { role: "server", ...files },
  });
  configuration.setTicketKey(key);
  const { address: { port } } = await Listener.open(pair.registration, {
    ...{ configuration, alpn: ALPN, address: { hostname: "127.0.0.1", port: 0 } },
  });
  return { port, configuration };
}

/** Connects and leaves; tells whether a session was resumed. */
async function resumes(
  pair: QuicPair,
  fingerprint: string,
  port: number,
  tickets: Pocket,
): Promise<boolean> {
  const had = tickets.names.length;
  await using connection = await Connection.connect(pair.registration, {
    configuration: pair.clientConfiguration({ credential: { role: "client", fingerprint } }),
    ...{ server: { hostname: "127.0.0.1", port }, tickets },
  });
  await within(10_000, "a ticket", tickets.holds(had + 1));
  return connection.resumed;
}

Deno.test("A ticket resumes the session at every server with its key, and at no other", async () => {
  await using pair = await QuicPair.open();
  using certificate = await makeTestCertificate();
  using other = await makeTestCertificate();
  const { fingerprint } = certificate;
  const key = newKey();
  const one = await anotherServer(pair, certificate, key);
  const two = await anotherServer(pair, certificate, key);
  const three = await anotherServer(pair, other, newKey());
  const tickets = new Pocket();
  const at = (port: number) => resumes(pair, fingerprint, port, tickets);
  assert.equal(await at(one.port), false);
  assert.equal(tickets.names[0], "127.0.0.1");
  assert.equal(await at(one.port), true);
  assert.equal(await at(two.port), true);

  one.configuration.setTicketKey(newKey());
  assert.equal(await at(one.port), false);
  assert.equal(await at(one.port), true);
  // It is asked for its certificate, which is not the one that is trusted.
  await assert.rejects(at(three.port), { code: "wrong-fingerprint" });
});

Deno.test("A ticket is of no use where its server is not to be trusted any more", async () => {
  await using pair = await QuicPair.open();
  using certificate = await makeTestCertificate();
  const { port } = await anotherServer(pair, certificate, newKey());
  const tickets = new Pocket();
  assert.equal(await resumes(pair, certificate.fingerprint, port, tickets), false);
  assert.equal(await resumes(pair, certificate.fingerprint, port, tickets), true);
  await assert.rejects(resumes(pair, "00".repeat(32), port, tickets), {
    code: "wrong-fingerprint",
  });
  // A ticket of another program is none.
  tickets.ticket = { ...tickets.ticket!, bytes: new Uint8Array([1, 2, 3]) };
  assert.equal(await resumes(pair, certificate.fingerprint, port, tickets), false);
});

Deno.test({
  name: "A ticket saves the round trip that a long certificate takes",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const rttMs = 200;
    await using pair = await QuicPair.open();
    // Until it has heard from a client a second time, a server sends three times what came (RFC 9000 8.1).
    const names = Array.from({ length: 150 }, (_, index) => `a-long-name-of-a-host-${index}.test`);
    using certificate = await makeTestCertificate(names);
    const { port } = await anotherServer(pair, certificate, newKey());
    await using network = await BadNetwork.start({ targets: [port], rttMs });
    const tickets = new Pocket();
    const connect = async () => {
      const start = performance.now();
      await using _connection = await Connection.connect(pair.registration, {
        configuration: pair.clientConfiguration({
          credential: { role: "client", fingerprint: certificate.fingerprint },
        }),
        ...{ server: { hostname: "127.0.0.1", port: network.port }, tickets },
      });
      const trips = (performance.now() - start) / rttMs;
      await within(10_000, "a ticket", tickets.holds(1));
      return trips;
    };
    assert.ok(await connect() >= 2);
    // A busy machine takes its time: one of three has to do.
    const resumed = [await connect()];
    while (resumed.length < 3 && resumed.at(-1)! >= 1.9) resumed.push(await connect());
    assert.ok(resumed.at(-1)! < 1.9, `${resumed} round trips`);
  },
});
