import assert from "node:assert/strict";
import { connect } from "../../client/mod.ts";
import { makeTestCertificate } from "../fixtures/certificate.ts";
import { withServer } from "../fixtures/server.ts";

Deno.test("Server.setCertificate() is for those who connect from then on; the others go on", async () => {
  await withServer(async ({ running, server, token, fingerprint }) => {
    await using old = await connect({ server, token, fingerprint });
    await old.ping();
    using next = await makeTestCertificate();
    await running.setCertificate(next);
    await using client = await connect({ server, token, fingerprint: next.fingerprint });
    await Promise.all([client.ping(), old.ping()]);
    await assert.rejects(connect({ server, token, fingerprint }), { code: "wrong-fingerprint" });
    // A client checks who signed it, and whom it is made out to, as well.
    await using checking = await connect({ server, token, caFile: next.certificateFile });
    await checking.ping();
    await Promise.all([old.close(), client.close(), checking.close()]);
  });
});

Deno.test("Server.setCertificate() changes nothing where it cannot use what it is given", async () => {
  await withServer(async ({ running, server, token, fingerprint }) => {
    using one = await makeTestCertificate();
    using other = await makeTestCertificate();
    const mixed = { certificateFile: one.certificateFile, privateKeyFile: other.privateKeyFile };
    await assert.rejects(running.setCertificate(mixed), { code: "unusable-credential" });
    Deno.writeTextFileSync(one.certificateFile, "-----BEGIN CERTIFICATE-----\n");
    await assert.rejects(running.setCertificate(one), { code: "unusable-credential" });
    await assert.rejects(
      running.setCertificate({ ...one, privateKeyFile: "/nonexistent/key.pem" }),
      Deno.errors.NotFound,
    );
    await assert.rejects(running.setCertificate({ ...one, certificateFile: "" }), {
      code: "invalid-option",
    });
    await using client = await connect({ server, token, fingerprint });
    await client.ping();
    await client.close();
  });
});

Deno.test("Server.setCertificate() holds a pair no longer than connections that began with it", async () => {
  await withServer(async ({ running, server, token }) => {
    using one = await makeTestCertificate();
    using other = await makeTestCertificate();
    await running.setCertificate(one);
    await using longLived = await connect({ server, token, fingerprint: one.fingerprint });
    const change = async (times: number) => {
      for (let i = 0; i < times; i++) await running.setCertificate(i % 2 === 0 ? other : one);
    };
    await change(20);
    const before = Deno.memoryUsage().rss;
    await change(100);
    // Each pair that stayed would cost some 100 kB of OpenSSL's.
    const grown = Deno.memoryUsage().rss - before;
    assert.ok(grown < 8 * 2 ** 20, `${grown} bytes`);
    await longLived.ping();
    await longLived.close();
  });
});

Deno.test("Server.setCertificate() makes tickets of before worthless, so that the new one is shown", async () => {
  await withServer(async ({ running, server, token, fingerprint }) => {
    running.setTicketKey(crypto.getRandomValues(new Uint8Array(48)));
    await using client = await connect({
      server,
      token,
      fingerprint: () => [fingerprint],
      retryForMs: 0,
    });
    await client.ping();
    using next = await makeTestCertificate();
    await running.setCertificate(next);
    running.setTicketKey(crypto.getRandomValues(new Uint8Array(48)));
    // It would come back with a ticket, and be taken for who it was before.
    const [session] = running.sessions;
    session?.close("failed");
    await assert.rejects(client.ping(), { code: "wrong-fingerprint" });
  });
});
