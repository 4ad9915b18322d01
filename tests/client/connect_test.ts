import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Client, connect, ConnectTimeoutError, NoServerError } from "../../client/mod.ts";
import { ApplicationError, RemoteError } from "../../protocol/mod.ts";
import { makeTestCertificate } from "../fixtures/certificate.ts";
import { TOKEN, withServer } from "../fixtures/server.ts";
import { withSilence } from "../fixtures/silence.ts";

Deno.test("connect() reaches a server by fingerprint, by authority, and insecurely", async () => {
  await withServer(async ({ server, port, fingerprint, certificateFile }) => {
    const trusts = [{ fingerprint }, { caFile: certificateFile }, { insecure: true }] as const;
    for (const trust of trusts) {
      await using client = await connect({ server, token: TOKEN, ...trust });
      assert.equal(client.server, server);
      assert.ok(client.session);
      assert.ok((await client.ping()).ms > 0);
    }
    await using named = await connect({
      server: `localhost:${port}`,
      token: TOKEN,
      caFile: certificateFile,
    });
    assert.equal(named.server, `localhost:${port}`);
  });
});

Deno.test("connect() moves files through all of a client's requests", async () => {
  await withServer(async ({ server, fingerprint, directory }) => {
    await using client = await connect({ server, token: TOKEN, fingerprint });
    const data = crypto.getRandomValues(new Uint8Array(60_000));
    const { sha256 } = await client.put(data, "dir/data.bin");
    const { body, data: echoed } = await client.echo({ a: [1] }, data);
    assert.deepEqual([body, echoed], [{ a: [1] }, data]);
    const fetched = await client.get("dir/data.bin", join(directory, "copy"));
    assert.equal(fetched.sha256, sha256);
    assert.deepEqual(await Deno.readFile(join(directory, "copy")), data);
    const entries = await Array.fromAsync(client.list("dir/"));
    assert.deepEqual(entries.map(({ name, size }) => [name, size]), [["dir/data.bin", 60_000]]);
    await assert.rejects(client.put(data, "dir/data.bin"), { code: "file-exists" });
    await client.remove("dir/data.bin");
    await assert.rejects(client.stat("dir/data.bin"), { code: "not-found" });
    await assert.rejects(client.call(0x9000, {}), { code: "unknown-type" });
  });
});

Deno.test("connect() serves many requests side by side", async () => {
  await withServer(async ({ server, fingerprint }) => {
    await using client = await connect({ server, token: TOKEN, fingerprint });
    const bodies = Array.from({ length: 300 }, (_, index) => ({ index }));
    const echoes = await Promise.all(bodies.map((body) => client.echo(body)));
    assert.deepEqual(echoes.map(({ body }) => body), bodies);
  });
});

Deno.test("connect() is refused for a wrong token, and trusts no other certificate", async () => {
  await withServer(async ({ server, fingerprint }) => {
    const wrong = connect({ server, token: "some-other-token", fingerprint });
    await assert.rejects(wrong, { name: "RemoteError", code: "wrong-token" });
    const other = connect({ server, token: TOKEN, fingerprint: "0".repeat(64) });
    await assert.rejects(other, { code: "wrong-fingerprint" });
    using foreign = await makeTestCertificate();
    const unsigned = connect({ server, token: TOKEN, caFile: foreign.certificateFile });
    await assert.rejects(unsigned, { code: "bad-certificate" });
  });
});

Deno.test("connect() tries servers in turn, and stops at one that refuses", async () => {
  await withServer(async ({ server, fingerprint }) => {
    await withSilence(async (silent) => {
      const mute = `127.0.0.1:${silent}`;
      {
        const options = { server: [mute, server], fingerprint, timeoutMs: 1000 };
        await using client = await connect({ ...options, token: TOKEN });
        assert.equal(client.server, server);
      }
      await assert.rejects(
        connect({ server: [server, mute], fingerprint, token: "some-other-token" }),
        { code: "wrong-token" },
      );
    });
  });
});

Deno.test("connect() says that a server is full, and takes another one that is not", async () => {
  await withServer(async ({ server, fingerprint }) => {
    const options = { fingerprint, token: TOKEN };
    await using _first = await connect({ server, ...options });
    await assert.rejects(connect({ server, ...options }), (error) => {
      assert.ok(error instanceof RemoteError);
      assert.equal(error.code, "server-full");
      assert.match(error.message, /too many clients; try again later/);
      return true;
    });
    await withServer(async (other) => {
      const anyOf = { server: [server, other.server], token: TOKEN, insecure: true } as const;
      await using client = await connect(anyOf);
      assert.equal(client.server, other.server);
    });
  }, { limits: { connections: 1 } });
});

Deno.test("connect() stays with a server whose better one cannot be reached", async () => {
  await withServer(async ({ running, server, fingerprint }) => {
    await withSilence(async (silent) => {
      running.updateSiblings([{ port: silent, sessions: 0, transfers: 0 }]);
      await using clients = new AsyncDisposableStack();
      const options = { token: TOKEN, fingerprint };
      for (let count = 0; count < 3; count++) clients.use(await connect({ server, ...options }));
      const chooser = clients.use(
        await connect({ server: [server, `127.0.0.1:${silent}`], ...options, timeoutMs: 1000 }),
      );
      assert.equal(chooser.server, server);
      assert.ok((await chooser.ping()).ms > 0);
    });
  });
});

Deno.test("connect() gives up on a server that does not answer in time", async () => {
  await withSilence(async (port) => {
    const options = { token: TOKEN, insecure: true, timeoutMs: 200 } as const;
    const one = connect({ ...options, server: { hostname: "127.0.0.1", port } });
    await assert.rejects(one, (error) => {
      assert.ok(error instanceof ConnectTimeoutError);
      assert.match(
        error.message,
        new RegExp(`127\\.0\\.0\\.1:${port}: no answer .*firewall.*1,248`),
      );
      return true;
    });
    const two = connect({ ...options, server: `127.0.0.1:${port},no-such-host.invalid:1` });
    await assert.rejects(two, (error) => {
      assert.ok(error instanceof NoServerError);
      assert.equal(error.cause.length, 2);
      assert.match(error.message, new RegExp(`${port}.*no-such-host\\.invalid`));
      return true;
    });
  });
});

Deno.test("connect() is cancelled by its signal", async () => {
  await withSilence(async (port) => {
    const aborting = new AbortController();
    const reason = new Error("Changed my mind");
    const { signal } = aborting;
    const connecting = connect({
      server: `127.0.0.1:${port}`,
      token: TOKEN,
      insecure: true,
      signal,
    });
    aborting.abort(reason);
    await assert.rejects(connecting, (error) => error === reason);
  });
});

Deno.test("connect() refuses options that make no sense before it opens anything", async () => {
  const options = { token: TOKEN, insecure: true } as const;
  await assert.rejects(connect({ ...options, server: "nonsense" }), { code: "invalid-address" });
  await assert.rejects(connect({ server: "h:1", token: TOKEN, fingerprint: "abc" }), {
    code: "invalid-fingerprint",
  });
});

Deno.test("Client.ended tells that its server has gone, and requests fail", async () => {
  const { promise: over, resolve: goAway } = Promise.withResolvers<void>();
  const { promise: connected, resolve: useClient } = Promise.withResolvers<Client>();
  const serving = withServer(async ({ server, fingerprint }) => {
    useClient(await connect({ server, token: TOKEN, fingerprint, failover: false }));
    await over;
  });
  await using client = await connected;
  goAway();
  const { by, errorCode } = await client.ended;
  assert.deepEqual([by, errorCode], ["peer", ApplicationError.shuttingDown]);
  await assert.rejects(client.ping(), { code: "connection-ended" });
  await serving;
});
