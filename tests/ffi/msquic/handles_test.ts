import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { Configuration, Connection, Library, Listener, Registration } from "../../../ffi/mod.ts";
import type { Runtime } from "../../../ffi/msquic/runtime.ts";
import { makeTestCertificate } from "../../fixtures/certificate.ts";
import { freePorts } from "../../fixtures/free_ports.ts";
import { QuicPair } from "../../fixtures/quic_pair.ts";
import { firstStream, pattern, rejectsWith } from "./stream_helpers.ts";
import { within } from "../within.ts";

const INTERNAL_ERROR = 5;

/** Has functions of MsQuic's do something else until the end of the lease. */
function replaced(runtime: Runtime, functions: Partial<Runtime["api"]>): Disposable {
  const { api } = runtime;
  Object.assign(runtime, { api: { ...api, ...functions } });
  return { [Symbol.dispose]: () => void Object.assign(runtime, { api }) };
}

/** Counts how often a handle is opened and closed. */
function counted(runtime: Runtime, name: "Connection" | "Configuration" | "Listener") {
  const { api } = runtime;
  const counts = { opened: 0, closed: 0 };
  const open = api[`${name}Open`] as (...args: unknown[]) => number;
  const close = api[`${name}Close`] as (...args: unknown[]) => unknown;
  const lease = replaced(runtime, {
    [`${name}Open`]: (...args: unknown[]) => (counts.opened++, open(...args)),
    [`${name}Close`]: (...args: unknown[]) => (counts.closed++, close(...args)),
  });
  return { counts, [Symbol.dispose]: () => lease[Symbol.dispose]() };
}

Deno.test("Listener.open() that fails after it has started gives the port back", async () => {
  await using pair = await QuicPair.open();
  using certificate = await makeTestCertificate();
  const { runtime } = pair.registration;
  const alpn = ["msquicd-test"];
  const configuration = new Configuration(pair.registration, {
    alpn,
    credential: { role: "server", ...certificate },
  });
  const [port] = await freePorts(1);
  const options = { configuration, alpn, address: { hostname: "127.0.0.1", port: port! } };
  {
    using listeners = counted(runtime, "Listener");
    using _ = replaced(runtime, { GetParam: () => INTERNAL_ERROR });
    await assert.rejects(Listener.open(pair.registration, options), /LISTENER_LOCAL_ADDRESS/);
    assert.deepEqual(listeners.counts, { opened: 1, closed: 1 });
  }
  // MsQuic would refuse it as ALPN_IN_USE if the failed one still listened.
  await using listener = await Listener.open(pair.registration, options);
  assert.equal(listener.address.port, port);
  await assert.rejects(Listener.open(pair.registration, options), /ALPN_IN_USE/);
});

Deno.test("Connection.connect() that cannot even begin closes what it has opened, once", async () => {
  await using pair = await QuicPair.open();
  const configuration = pair.clientConfiguration();
  const connect = (port: number) =>
    Connection.connect(pair.registration, {
      configuration,
      server: { hostname: "127.0.0.1", port },
    });
  using connections = counted(pair.registration.runtime, "Connection");
  for (let i = 0; i < 20; i++) {
    await within(
      5000,
      "connect()",
      assert.rejects(connect(0), /Cannot connect to 127.0.0.1:0: nobody can be at that address/),
    );
  }
  configuration[Symbol.dispose]();
  const { port } = pair.listener.address;
  await assert.rejects(connect(port), /closed configuration/);
  assert.deepEqual(connections.counts, { opened: 21, closed: 21 });
});

Deno.test("Connection that is refused for lack of a configuration leaves nothing behind", async () => {
  await using pair = await QuicPair.open();
  const { runtime } = pair.registration;
  {
    using _ = replaced(runtime, { ConnectionSetConfiguration: () => INTERNAL_ERROR });
    const attempt = Connection.connect(pair.registration, {
      configuration: pair.clientConfiguration(),
      server: pair.listener.address,
    });
    await assert.rejects(attempt, rejectsWith("connection-refused"));
  }
  // Its number was given back, and what it was is told no more.
  await using ends = await pair.connect();
  await (await ends.client.openStream()).send(pattern(3), { fin: true });
  assert.equal((await (await firstStream(ends.server)).read())?.length, 3);
});

Deno.test("Configuration that cannot be loaded is closed, and leaves the registration to others", async () => {
  await using library = Library.open();
  await using registration = new Registration(library);
  using configurations = counted(library.runtime, "Configuration");
  const attempt = (credential: object) => () =>
    new Configuration(registration, {
      alpn: ["x"],
      credential: credential as { role: "client"; insecure: true },
    });
  assert.throws(attempt({ role: "client", caFile: "/no/ca.pem" }), /\/no\/ca\.pem/);
  assert.throws(attempt({ role: "client" }), TypeError);
  assert.throws(attempt({ role: "server" }), Error);
  assert.deepEqual(configurations.counts, { opened: 3, closed: 3 });
});

Deno.test("Library.open() right after close() goes on with one event loop", async () => {
  for (let round = 0; round < 5; round++) {
    const library = Library.open();
    await delay(round);
    const closing = library.close();
    await using _next = Library.open();
    await using pair = await QuicPair.open();
    await using ends = await pair.connect();
    await (await ends.client.openStream()).send(pattern(10), { fin: true });
    assert.equal((await (await firstStream(ends.server)).read())?.length, 10);
    await within(30_000, "close()", closing);
  }
});

Deno.test("Stream.release() after the end of its connection closes the connection without waiting", async () => {
  await using pair = await QuicPair.open();
  using connections = counted(pair.registration.runtime, "Connection");
  const ends = await pair.connect();
  const stream = await ends.client.openStream();
  void stream.send(pattern(50_000));
  const peer = await firstStream(ends.server);
  assert.ok((await peer.read())!.length > 4096, "nothing is lent");
  await ends.client.close();
  await ends.server.ended;
  assert.equal(connections.counts.closed, 1, "closed although the reader looks at its memory");
  peer.release();
  assert.equal(connections.counts.closed, 2);
  await within(30_000, "the end of the stream", peer.closed);
});
