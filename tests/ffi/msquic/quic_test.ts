import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { Configuration, ConnectError, Connection, type Stream } from "../../../ffi/mod.ts";
import { makeTestCertificate } from "../../fixtures/certificate.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { firstStream, pattern, readAll, rejectsWith } from "./stream_helpers.ts";
import { within } from "../within.ts";

Deno.test("Stream carries bytes both ways, from nothing to megabytes", async (t) => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const incoming = ends.server.streams[Symbol.asyncIterator]();
  for (const length of [0, 1, 4096, 4097, 100_000, 5_000_000]) {
    await t.step(`${length} bytes`, async () => {
      const sent = pattern(length);
      const stream = await ends.client.openStream();
      const sending = stream.send(sent, { fin: true });
      const peer = (await incoming.next()).value as Stream;
      const received = await readAll(peer);
      assert.deepEqual(received, sent);
      const answering = peer.send(received, { fin: true });
      assert.deepEqual(await readAll(stream), sent);
      await Promise.all([sending, answering]);
      await Promise.all([stream.closed, peer.closed]);
      assert.equal(stream.id, peer.id);
    });
  }
});

Deno.test("Connection.streams yields many streams at once, each with its own bytes", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const echoing = (async () => {
    for await (const stream of ends.server.streams) {
      readAll(stream).then((bytes) => stream.send(bytes, { fin: true }));
    }
  })();
  await Promise.all(Array.from({ length: 300 }, async (_, i) => {
    const sent = pattern(i * 37);
    const stream = await ends.client.openStream();
    await stream.send(sent, { fin: true });
    assert.deepEqual(await readAll(stream), sent);
  }));
  await ends.client.close();
  await echoing;
});

Deno.test("Stream.send() waits when the peer does not read, and goes on when it does", async () => {
  await using pair = await QuicPair.open({
    streamRecvWindow: 65_536,
    connFlowControlWindow: 65_536,
  });
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  const sent = pattern(1_000_000);
  let done = false;
  const sending = stream.send(sent, { fin: true }).then(() => done = true);
  const peer = await firstStream(ends.server);
  const first = await peer.read();
  assert.ok(first !== null && first.length > 0);
  // A whole round trip on another stream: what could be sent of the first one has been sent.
  const other = await ends.server.openStream();
  const answered = firstStream(ends.client).then(async (s) => {
    await readAll(s);
    await s.finish();
  });
  await other.send(pattern(10), { fin: true });
  await answered;
  assert.equal(done, false, "a megabyte fitted into a window of 64 KiB");
  const rest = await readAll(peer);
  assert.equal(first.length + rest.length, sent.length);
  await sending;
});

Deno.test("Stream.read() ends with the peer's error code when the peer resets the stream", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  await stream.send(pattern(10));
  const peer = await firstStream(ends.server);
  assert.equal((await peer.read())?.length, 10);
  stream.abort(42);
  await assert.rejects(peer.read(), (error) => {
    assert.ok(error instanceof Error && "errorCode" in error);
    assert.equal(error.errorCode, 42);
    return true;
  });
  await assert.rejects(stream.send(pattern(1)), rejectsWith("stream-aborted"));
  await Promise.all([stream.close(), peer.close()]);
});

Deno.test("Stream.abortReceive() makes the peer's sends fail, and leaves the other direction", async () => {
  await using pair = await QuicPair.open({ streamRecvWindow: 65_536 });
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  const sending = stream.send(pattern(1_000_000));
  const peer = await firstStream(ends.server);
  await peer.read();
  peer.abortReceive(6);
  await assert.rejects(sending, rejectsWith("stream-aborted"));
  await peer.send(pattern(3), { fin: true });
  assert.deepEqual(await readAll(stream), pattern(3));
});

Deno.test("Stream.read() can be given up by a signal, and loses nothing", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  await stream.send(pattern(1));
  const peer = await firstStream(ends.server);
  assert.equal((await peer.read())?.length, 1);
  const reason = new Error("given up");
  const controller = new AbortController();
  const reading = peer.read({ signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(reading, reason);
  await stream.send(pattern(7), { fin: true });
  assert.deepEqual(await readAll(peer), pattern(7));
});

Deno.test("Stream keeps a short answer readable that came before the connection ended", async () => {
  await using pair = await QuicPair.open();
  const ends = await pair.connect();
  const stream = await ends.client.openStream();
  await stream.send(pattern(4000), { fin: true });
  const peer = await firstStream(ends.server);
  await stream.finish();
  await ends.client.close(7);
  const end = await ends.server.ended;
  assert.deepEqual({ by: end.by, errorCode: end.errorCode }, { by: "peer", errorCode: 7 });
  assert.deepEqual(await readAll(peer), pattern(4000));
  await ends.server.close();
});

Deno.test("Stream keeps a borrowed piece valid after the connection ended", async () => {
  await using pair = await QuicPair.open();
  const ends = await pair.connect();
  const stream = await ends.client.openStream();
  await stream.send(pattern(50_000));
  const peer = await firstStream(ends.server);
  const piece = await peer.read();
  assert.ok(piece !== null);
  await ends.client.close();
  await ends.server.ended;
  assert.deepEqual(piece.slice(), pattern(50_000).subarray(0, piece.length));
  await peer.close();
  await ends.server.close();
});

Deno.test("Connection.close() fails what is under way on its streams", async () => {
  await using pair = await QuicPair.open({ streamRecvWindow: 65_536 });
  const ends = await pair.connect();
  const stream = await ends.client.openStream();
  const sending = stream.send(pattern(1_000_000));
  const reading = stream.read();
  await firstStream(ends.server);
  const outcomes = Promise.allSettled([sending, reading]);
  await ends.client.close();
  for (const outcome of await outcomes) {
    assert.equal(outcome.status, "rejected");
    assert.equal(outcome.reason.code, "connection-ended");
  }
  await assert.rejects(ends.client.openStream(), rejectsWith("connection-ended"));
  await ends.server.close();
});

Deno.test("Connection.connect() says what keeps it from connecting", async (t) => {
  await using pair = await QuicPair.open();
  using stranger = await makeTestCertificate(["stranger.example"]);
  const server = pair.listener.address;
  const attempts = {
    "alpn-mismatch": pair.clientConfiguration({ alpn: ["another"] }),
    "wrong-fingerprint": pair.clientConfiguration({
      credential: { role: "client", fingerprint: stranger.fingerprint },
    }),
    "bad-certificate": pair.clientConfiguration({
      credential: { role: "client", caFile: stranger.certificateFile },
    }),
  };
  for (const [code, configuration] of Object.entries(attempts)) {
    await t.step(code, async () => {
      await assert.rejects(
        Connection.connect(pair.registration, { configuration, server }),
        rejectsWith(code),
      );
    });
  }
  await t.step("unreachable", async () => {
    const free = { hostname: "127.0.0.1", port: 1 };
    await assert.rejects(
      Connection.connect(pair.registration, {
        configuration: pair.clientConfiguration(),
        server: free,
      }),
      rejectsWith("unreachable"),
    );
  });
});

Deno.test("Connection.connect() with a CA file checks whom the certificate is made out to", async () => {
  await using pair = await QuicPair.open();
  const configuration = pair.clientConfiguration({
    credential: { role: "client", caFile: pair.certificateFile },
  });
  const connect = (serverName?: string) =>
    Connection.connect(pair.registration, {
      configuration,
      server: pair.listener.address,
      ...(serverName === undefined ? {} : { serverName }),
    });
  await (await connect()).close();
  await (await connect("localhost")).close();
  await assert.rejects(connect("evil.example"), rejectsWith("bad-certificate"));
});

Deno.test("Connection.connect() can be given up in the middle of the handshake", async () => {
  await using pair = await QuicPair.open();
  await using mute = await openMute();
  const giveUp = new AbortController();
  let over = false;
  const attempt = Connection.connect(pair.registration, {
    configuration: pair.clientConfiguration(),
    server: mute.address,
    signal: giveUp.signal,
  }).finally(() => over = true);
  attempt.catch(() => {});
  const [packet] = await once(mute.socket, "message");
  assert.ok(packet.length >= 1200, "the first packet of a handshake is at least 1,200 bytes");
  assert.equal(over, false);
  const reason = new Error("given up");
  giveUp.abort(reason);
  await assert.rejects(within(30_000, "giving up", attempt), reason);
  await within(30_000, "the end of the registration", pair.registration.close());
});

Deno.test("Connection.connect() does not begin when its signal is aborted already", async () => {
  await using pair = await QuicPair.open();
  await using mute = await openMute();
  let packets = 0;
  mute.socket.on("message", () => packets++);
  const reason = new Error("given up before");
  const connect = (signal?: AbortSignal) =>
    Connection.connect(pair.registration, {
      configuration: pair.clientConfiguration(),
      server: mute.address,
      ...(signal && { signal }),
    });
  await assert.rejects(within(30_000, "giving up", connect(AbortSignal.abort(reason))), reason);
  // One that does begin is heard; before it, there is nothing to be heard.
  const later = connect();
  later.catch(() => {});
  await once(mute.socket, "message");
  assert.equal(packets, 1);
  await pair.registration.close();
  await assert.rejects(later, ConnectError);
});

/** Somebody who hears a client and does not answer. */
async function openMute() {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    socket,
    address: { hostname: "127.0.0.1", port: socket.address().port },
    [Symbol.asyncDispose]: () => new Promise<void>((end) => socket.close(() => end())),
  };
}

Deno.test("Listener refuses connections beyond its backlog", async () => {
  await using pair = await QuicPair.open({}, { backlog: 1 });
  const configuration = pair.clientConfiguration();
  const connect = () =>
    Connection.connect(pair.registration, { configuration, server: pair.listener.address });
  const first = await connect();
  await assert.rejects(connect(), (error) => {
    assert.ok(error instanceof ConnectError);
    assert.equal(error.code, "connection-refused");
    return true;
  });
  await first.close();
});

Deno.test("Listener.close() ends the iteration and lets accepted connections live", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  await pair.listener.close();
  for await (const connection of pair.listener) assert.fail(`accepted ${connection.id}`);
  const stream = await ends.client.openStream();
  await stream.send(pattern(5), { fin: true });
  assert.deepEqual(await readAll(await firstStream(ends.server)), pattern(5));
});

Deno.test("Listener listens on IPv6 as well, and on both families where it is told every address", async () => {
  await using pair = await QuicPair.open();
  using certificate = await makeTestCertificate();
  const { Listener } = await import("../../../ffi/mod.ts");
  const alpn = ["msquicd-test"];
  const reach = { "::1": ["::1", "::1%1"], "::": ["::1", "127.0.0.1"] };
  for (const [hostname, others] of Object.entries(reach)) {
    await using listener = await Listener.open(pair.registration, {
      configuration: new Configuration(pair.registration, {
        alpn,
        credential: { role: "server", ...certificate },
      }),
      alpn,
      address: { hostname, port: 0 },
    });
    assert.equal(listener.address.hostname, hostname);
    const { port } = listener.address;
    for (const other of others) {
      const client = await Connection.connect(pair.registration, {
        configuration: pair.clientConfiguration({
          credential: { role: "client", fingerprint: certificate.fingerprint },
        }),
        server: { hostname: other, port },
      });
      assert.equal(client.remoteAddress.port, port);
      await client.close();
    }
  }
});

Deno.test("Connection stays beyond the idle timeout when keep-alives are set, and is lost without answers", async () => {
  await using pair = await QuicPair.open({ idleTimeoutMs: 600 });
  const ends = await pair.connect({ idleTimeoutMs: 600 });
  ends.client.setKeepAlive(50);
  const over = ends.client.ended.then(() => "over");
  const later = new Promise((resolve) => setTimeout(() => resolve("later"), 900));
  assert.equal(await Promise.race([over, later]), "later");
  ends.client.setKeepAlive(0);
  assert.equal((await ends.client.ended).by, "idle");
  ends.client.setKeepAlive(50);
});

Deno.test("Connection tells how many streams the peer lets it open", async () => {
  await using pair = await QuicPair.open();
  const ends = await pair.connect({ peerBidiStreamCount: 2 });
  assert.equal(ends.server.openableStreams, 2);
  const stream = await ends.server.openStream();
  await stream.send(new Uint8Array(1));
  assert.equal(ends.server.openableStreams, 1);
  ends.client.shutdown();
  await ends.server.ended;
  assert.equal(ends.server.openableStreams, 0);
});

Deno.test("Connection ends idle when nobody speaks for the idle timeout", async () => {
  await using pair = await QuicPair.open({ idleTimeoutMs: 100 });
  const ends = await pair.connect({ idleTimeoutMs: 100 });
  assert.equal((await ends.client.ended).by, "idle");
  await Promise.all([ends.client.close(), ends.server.close()]);
});

Deno.test("Connection.statistics() knows the path", async () => {
  await using pair = await QuicPair.open();
  await using ends = await pair.connect();
  const statistics = ends.client.statistics();
  assert.ok(statistics.rttUs > 0 && statistics.congestionWindow > 0);
  assert.ok(statistics.bytesSent >= 1200, "an Initial packet is at least 1,200 bytes");
});

Deno.test("Configuration says which certificate cannot be loaded", async () => {
  await using pair = await QuicPair.open();
  assert.throws(
    () =>
      new Configuration(pair.registration, {
        alpn: ["x"],
        credential: {
          role: "server",
          certificateFile: "/no/cert.pem",
          privateKeyFile: "/no/key.pem",
        },
      }),
    /\/no\/cert\.pem/,
  );
});

Deno.test("Bytes under way survive garbage collection", async () => {
  const collect = (globalThis as { gc?: () => void }).gc;
  assert.ok(collect !== undefined, "run with --v8-flags=--expose-gc");
  await using pair = await QuicPair.open({ streamRecvWindow: 65_536 });
  await using ends = await pair.connect();
  const stream = await ends.client.openStream();
  const sends = Array.from({ length: 64 }, (_, i) => stream.send(pattern(i * 1000)));
  collect();
  const filler = Array.from({ length: 1000 }, () => new Uint8Array(1000).fill(0xEE));
  collect();
  const peer = await firstStream(ends.server);
  const finished = stream.finish();
  const received = await readAll(peer);
  await Promise.all([...sends, finished]);
  const expected = Array.from({ length: 64 }, (_, i) => pattern(i * 1000));
  assert.deepEqual(received, new Uint8Array(await new Blob(expected as BlobPart[]).arrayBuffer()));
  assert.equal(filler.length, 1000);
});
