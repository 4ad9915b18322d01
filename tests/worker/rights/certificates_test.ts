import assert from "node:assert/strict";
import type { ClientGrants } from "../../../base/client_grants.ts";
import { connect, type ConnectOptions } from "../../../client/mod.ts";
import { Authority, type Shown } from "../../fixtures/authority.ts";
import { makeTestCertificate } from "../../fixtures/certificate.ts";
import { type Bench, withServer } from "../../fixtures/server.ts";

const commonName = (value: string) => [{ name: "commonName", value }];

function connectAs(
  { server, fingerprint }: Bench,
  shown?: Shown,
  more: Partial<ConnectOptions> = {},
) {
  const own = shown && {
    certificateFile: shown.certificateFile,
    privateKeyFile: shown.privateKeyFile,
  };
  return connect({ server, fingerprint, timeoutMs: 10_000, ...own, ...more } as ConnectOptions);
}

Deno.test("A client is known by its certificate, by fingerprint or name, and may do what is said of it", async () => {
  using authority = new Authority("our authority");
  const [laptop, ci] = await Promise.all([
    authority.sign(commonName("anything")),
    authority.sign(commonName("ci.example")),
  ]);
  const clients: ClientGrants = {
    laptop: { fingerprint: laptop.fingerprint, allow: ["read", "write"], prefix: "laptop" },
    ci: { commonName: "ci.example", allow: ["read"] },
  };
  await withServer(async (bench) => {
    const bytes = new TextEncoder().encode("text");
    {
      await using client = await connectAs(bench, laptop);
      await client.put(bytes, "laptop/a.txt");
      await assert.rejects(client.put(bytes, "b.txt"), {
        code: "permission-denied",
        message: /"b\.txt" is not below "laptop\/", and certificate "laptop" may use nothing else/,
      });
    }
    // A second time as well: no session is resumed, in which no certificate is shown.
    for (const _time of [1, 2]) {
      await using client = await connectAs(bench, ci);
      assert.equal((await client.stat("laptop/a.txt")).size, 4);
      await assert.rejects(client.put(bytes, "b.txt"), {
        code: "permission-denied",
        message: /needs the right "write", which certificate "ci" does not have/,
      });
    }
    // Certificates are asked for, and nobody needs one who has a token; the token is what counts then.
    await using owner = await connectAs(bench, undefined, { token: bench.token });
    await owner.put(bytes, "owner.txt");
    await using both = await connectAs(bench, ci, { token: bench.token });
    await both.remove("owner.txt");
    await assert.rejects(connectAs(bench, ci, { token: "wrong" }), { code: "wrong-token" });
    await assert.rejects(connectAs(bench), { code: "wrong-token", message: /without a token/ });
    // Another certificate of the server's changes nothing about that.
    using other = await makeTestCertificate();
    await bench.running.setCertificate(other);
    await using again = await connectAs({ ...bench, fingerprint: other.fingerprint }, ci);
    await again.ping();
  }, { clientCertificates: { caFile: await authority.file(), clients } });
});

Deno.test("A certificate lets nobody in that was signed by others, is over, or is not in the list", async () => {
  using authority = new Authority("our authority");
  using others = new Authority("our authority"); // of the same name
  const known = commonName("ci.example");
  const [foreign, over, early, unknown, twice] = await Promise.all([
    others.sign(known),
    authority.sign(known, [-10, -1]),
    authority.sign(known, [1, 10]),
    authority.sign(commonName("somebody")),
    authority.sign([...commonName("somebody"), ...known]),
  ]);
  using self = await makeTestCertificate(["ci.example"]);
  const clients: ClientGrants = {
    ci: { commonName: "ci.example", allow: ["read"] },
    foreign: { fingerprint: foreign.fingerprint, allow: ["read"] },
  };
  const untrusted =
    /does not trust the client's certificate: it has expired, or was signed by some/;
  const cases: [string, Shown, RegExp][] = [
    ["signed by somebody else", foreign, untrusted],
    ["signed by itself", self, untrusted],
    ["over", over, untrusted],
    ["not valid yet", early, untrusted],
    ["nobody's", unknown, /knows nobody by the client's certificate; show another, or a token/],
    ["of two names", twice, /knows nobody by the client's certificate/],
  ];
  await withServer(async (bench) => {
    for (const [what, shown, message] of cases) {
      await assert.rejects(connectAs(bench, shown), { code: "wrong-token", message }, what);
      // A token still lets in.
      await using client = await connectAs(bench, shown, { token: bench.token });
      await client.ping();
    }
  }, { clientCertificates: { caFile: await authority.file(), clients } });
});

Deno.test("A client's certificate that cannot be used is named, as are a server's authorities", async () => {
  using authority = new Authority("our authority");
  const [one, other] = await Promise.all([
    authority.sign(commonName("one")),
    authority.sign(commonName("other")),
  ]);
  const caFile = await authority.file();
  await withServer(async (bench) => {
    const wrong = { ...one, privateKeyFile: other.privateKeyFile };
    await assert.rejects(connectAs(bench, wrong), {
      code: "unusable-credential",
      message: /private key .* belongs to another certificate/,
    });
    await assert.rejects(
      connectAs(bench, undefined, { certificateFile: one.certificateFile }),
      { code: "invalid-option", message: /privateKeyFile must be a text/ },
    );
  }, { clientCertificates: { caFile, clients: {} } });
  const starting = withServer(() => Promise.resolve(), {
    clientCertificates: { caFile: `${caFile}.none`, clients: {} },
  });
  await assert.rejects(starting, {
    code: "unusable-credential",
    message: /Cannot use the certificate authorities in .*ca\.pem\.none: /,
  });
});
