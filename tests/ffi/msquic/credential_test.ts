import assert from "node:assert/strict";
import { join } from "node:path";
import {
  Configuration,
  type Credential,
  CredentialError,
  Library,
  Registration,
} from "../../../ffi/mod.ts";
import { makeTestCertificate } from "../../fixtures/certificate.ts";
import "../../fixtures/loaded_msquic.ts";

Deno.test("Configuration says which file of a credential cannot be used, and what about it", async (t) => {
  using certificate = await makeTestCertificate();
  using other = await makeTestCertificate();
  await using library = Library.open();
  await using registration = new Registration(library);
  const directory = Deno.makeTempDirSync({ prefix: "msquicd-credential-" });
  using _ = { [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }) };
  const text = join(directory, "text.pem");
  Deno.writeTextFileSync(text, "no PEM\n");
  const missing = join(directory, "missing.pem");
  const { certificateFile, privateKeyFile } = certificate;
  const ca = (caFile: string): Credential => ({ role: "client", caFile });
  const server = (certificateFile: string, privateKeyFile: string): Credential => ({
    role: "server",
    certificateFile,
    privateKeyFile,
  });
  const absent = "there is no such file";
  const noCertificate = "it has no certificate in PEM format";
  const cases: [Credential, string, string][] = [
    [ca(missing), `certificate authorities in ${missing}`, absent],
    [ca(join(text, "x")), `certificate authorities in ${join(text, "x")}`, "a part of the path"],
    [ca(directory), `certificate authorities in ${directory}`, "it is not a file"],
    [ca(text), `certificate authorities in ${text}`, noCertificate],
    [ca(privateKeyFile), `certificate authorities in ${privateKeyFile}`, noCertificate],
    [server(missing, privateKeyFile), `certificate ${missing}`, absent],
    [server(text, privateKeyFile), `certificate ${text}`, noCertificate],
    [server(certificateFile, missing), `private key ${missing}`, absent],
    [server(certificateFile, text), `private key ${text}`, "it has no private key"],
    [server(certificateFile, certificateFile), `private key ${certificateFile}`, "no private key"],
    [
      server(certificateFile, other.privateKeyFile),
      `private key ${other.privateKeyFile}`,
      `it belongs to another certificate than ${certificateFile}`,
    ],
  ];
  for (const [credential, what, problem] of cases) {
    await t.step(`${what.replace(directory, "")}: ${problem.replace(directory, "")}`, () => {
      assert.throws(() => new Configuration(registration, { alpn: ["x"], credential }), (error) => {
        assert.ok(error instanceof CredentialError, String(error));
        assert.equal(error.code, "unusable-credential");
        assert.ok(error.message.startsWith(`Cannot use `), error.message);
        assert.ok(error.message.includes(`${what}: `), error.message);
        assert.ok(error.message.includes(problem), error.message);
        assert.doesNotMatch(error.message, /QUIC_STATUS|Configuration|ENOENT|os error/);
        return true;
      });
    });
  }
  await t.step("what can be used is", () => {
    for (const credential of [ca(certificateFile), server(certificateFile, privateKeyFile)]) {
      new Configuration(registration, { alpn: ["x"], credential })[Symbol.dispose]();
    }
  });
});
