import "reflect-metadata";
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { type JsonName, X509CertificateGenerator } from "@peculiar/x509";
import { certificateCommonName } from "../../../ffi/msquic/certificate_common_name.ts";

async function certificateOf(name: JsonName): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: "01", name, keys, signingAlgorithm: algorithm },
    ...{ notBefore: new Date(), notAfter: new Date(Date.now() + 1e9) },
  });
  return new Uint8Array(made.rawData);
}

Deno.test("certificateCommonName() reads the name in a subject, and takes no other part for it", async () => {
  const cases: [JsonName, string | undefined][] = [
    [[{ CN: ["ci.example"] }], "ci.example"],
    [[{ O: ["Ours"] }, { CN: ["ci.example"] }], "ci.example"],
    [[{ O: ["Ours"], CN: ["ci.example"] }], "ci.example"],
    [[{ CN: ["Ünï, O=x"] }], "Ünï, O=x"],
    [[{ O: ["Ours"] }], undefined],
    [[{ CN: ["one"] }, { CN: ["two"] }], undefined],
    [[{ O: ["x\nCN=ci.example"] }], undefined],
    [[{ O: ["x, CN=ci.example"] }], undefined],
    [[{ O: ["x + CN=ci.example"] }], undefined],
  ];
  for (const [name, expected] of cases) {
    assert.equal(certificateCommonName(await certificateOf(name)), expected, JSON.stringify(name));
  }
  // What it is not done with, and why.
  const smuggled = await certificateOf([{ O: ["x\nCN=ci.example"] }]);
  assert.ok(new X509Certificate(smuggled).subject.split("\n").includes("CN=ci.example"));
});
