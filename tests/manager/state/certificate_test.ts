import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { generate } from "selfsigned";
import { certificateNames } from "../../../ffi/msquic/certificate_names.ts";
import { CertificateError, type StateDirectory } from "../../../manager/mod.ts";
import { ensureCertificate } from "../../../manager/state/certificate.ts";
import { fingerprintOf } from "../../../manager/state/certificate_pair.ts";
import { certificateSource } from "../../../manager/state/certificate_source.ts";
import { writePrivateFile } from "../../../manager/state/private_files.ts";
import { Sandbox } from "../fixtures/harness.ts";

const DAY_MS = 86_400_000;

/** What a manager starts with that listens on `host`. */
async function ensure(
  state: StateDirectory,
  host: string,
): Promise<{ fingerprint: string; keyPem: string }> {
  const source = certificateSource(state, {});
  const { certificate, keyPem } = await ensureCertificate(source, { host });
  return { fingerprint: fingerprintOf(certificate), keyPem };
}

function derOf(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(pem.replaceAll(/-----[^-]+-----|\s/g, ""));
}

async function selfSigned(
  name: string,
  { expired = false }: { expired?: boolean } = {},
): Promise<{ cert: string; key: string }> {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 2 * DAY_MS),
    notAfterDate: new Date(Date.now() + (expired ? -DAY_MS : DAY_MS)),
  });
  return { cert, key };
}

Deno.test("ensureCertificate() makes one that names what is served, and keeps it", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const made = await ensure(box.state, "10.1.2.3");
  const pem = Deno.readTextFileSync(box.state.certificateFile);
  assert.equal(made.fingerprint, createHash("sha256").update(derOf(pem)).digest("hex"));
  const certificate = new X509Certificate(pem);
  const names = certificateNames(derOf(pem)).split(", ");
  assert.ok(names.includes("DNS:localhost"));
  for (const ip of ["127.0.0.1", "10.1.2.3"]) assert.ok(names.includes(`IP Address:${ip}`));
  assert.ok(Date.parse(certificate.validTo) > Date.now() + 9 * 365 * DAY_MS);
  assert.match(Deno.readTextFileSync(box.state.privateKeyFile), /BEGIN PRIVATE KEY/);
  assert.deepEqual(await ensure(box.state, "127.0.0.1"), made);
});

Deno.test("ensureCertificate() goes on where a crash has left a key alone", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const { fingerprint } = await ensure(box.state, "127.0.0.1");
  const key = Deno.readTextFileSync(box.state.privateKeyFile);
  await Deno.remove(box.state.certificateFile);
  const again = await ensure(box.state, "127.0.0.1");
  assert.notEqual(again.fingerprint, fingerprint);
  assert.equal(Deno.readTextFileSync(box.state.privateKeyFile), key);
  const certificate = new X509Certificate(Deno.readTextFileSync(box.state.certificateFile));
  const spki = { type: "spki", format: "der" } as const;
  assert.deepEqual(certificate.publicKey.export(spki), createPublicKey(key).export(spki));
  assert.deepEqual(await ensure(box.state, "127.0.0.1"), again);
});

Deno.test("ensureCertificate() refuses what it cannot use, and leaves all of it as it is", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const { certificateFile, privateKeyFile } = box.state;
  const own = await selfSigned("msquicd");
  const other = await selfSigned("msquicd");
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
    .export({ type: "pkcs8", format: "pem" }).toString();
  const cases: [string | undefined, string | undefined, RegExp][] = [
    [own.cert, undefined, /its private key, ".*key\.pem", is missing/],
    [own.cert, other.key, /the private key in ".*key\.pem" belongs to another certificate/],
    [own.cert, "", /key\.pem" is no private key in PEM form/],
    [own.cert, "rubbish", /key\.pem" is no private key in PEM form/],
    ["", own.key, /it is empty/],
    ["rubbish", own.key, /it is no certificate in PEM form/],
    [own.key, own.key, /it is no certificate in PEM form/],
    [undefined, rsa, /there is only its private key/],
    [undefined, "rubbish", /key\.pem" is no private key in PEM form/],
  ];
  for (const [cert, key, reason] of cases) {
    const files = [[certificateFile, cert], [privateKeyFile, key]] as const;
    for (const [file, text] of files) {
      if (text === undefined) await Deno.remove(file).catch(() => {});
      else await writePrivateFile(file, text);
    }
    await assert.rejects(ensure(box.state, "127.0.0.1"), (error) => {
      assert.ok(error instanceof CertificateError);
      assert.match(error.message, reason);
      assert.match(error.message, /; (replace|put) .* to get (a new one|new ones)$/);
      return true;
    });
    for (const [file, text] of files) {
      const there = text === undefined ? undefined : Deno.readTextFileSync(file);
      assert.equal(there, text);
    }
  }
});

Deno.test("ensureCertificate() renews its own when it has expired, for the same key", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const old = await selfSigned("msquicd", { expired: true });
  await writePrivateFile(box.state.certificateFile, old.cert);
  await writePrivateFile(box.state.privateKeyFile, old.key);
  await ensure(box.state, "127.0.0.1");
  assert.notEqual(Deno.readTextFileSync(box.state.certificateFile), old.cert);
  assert.equal(Deno.readTextFileSync(box.state.privateKeyFile), old.key);
  await ensure(box.state, "127.0.0.1");
});

Deno.test("ensureCertificate() uses a user's own, and leaves it alone when it is bad", async () => {
  await using box = new Sandbox();
  await box.state.prepare();
  const good = await selfSigned("files.example.org");
  await writePrivateFile(box.state.certificateFile, good.cert);
  await writePrivateFile(box.state.privateKeyFile, good.key);
  await ensure(box.state, "127.0.0.1");
  assert.equal(Deno.readTextFileSync(box.state.certificateFile), good.cert);

  const expired = await selfSigned("files.example.org", { expired: true });
  await writePrivateFile(box.state.certificateFile, expired.cert);
  await writePrivateFile(box.state.privateKeyFile, expired.key);
  await assert.rejects(ensure(box.state, "127.0.0.1"), (error) => {
    assert.ok(error instanceof CertificateError);
    assert.match(error.message, /expired on/);
    return true;
  });
  await writePrivateFile(box.state.privateKeyFile, good.key);
  await assert.rejects(ensure(box.state, "127.0.0.1"), /belongs to another/);
  assert.equal(Deno.readTextFileSync(box.state.certificateFile), expired.cert);
});
