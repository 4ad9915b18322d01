import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  isCertificateName,
  type Machine,
  missingNames,
  wantedNames,
} from "../../../manager/state/certificate_names.ts";
import { makeTestCertificate } from "../../fixtures/certificate.ts";

const ALWAYS = ["localhost", "127.0.0.1", "::1"];

const MACHINE: Machine = {
  hostname: () => "Files",
  addresses: () => ["127.0.0.1", "192.0.2.7", "::1", "fe80::1", "2001:DB8:0::7"],
};

Deno.test("wantedNames() names the machine where it can be reached from elsewhere", () => {
  const cases: [host: string, more: string[]][] = [
    ["127.0.0.1", []],
    ["127.0.0.3", ["127.0.0.3"]],
    ["192.0.2.7", ["files", "192.0.2.7"]],
    ["2001:db8::7", ["files", "2001:db8::7"]],
    ["0.0.0.0", ["files", "192.0.2.7"]],
    ["::", ["files", "192.0.2.7", "2001:db8::7"]],
  ];
  for (const [host, more] of cases) {
    assert.deepEqual(wantedNames({ host }, MACHINE), [...ALWAYS, ...more], host);
  }
  const names = ["Files.Example.org", "*.example.org", "2001:db8::0:9", "localhost"];
  assert.deepEqual(wantedNames({ host: "127.0.0.1", names }, MACHINE), [
    ...ALWAYS,
    "files.example.org",
    "*.example.org",
    "2001:db8::9",
  ]);
});

Deno.test("wantedNames() leaves out what no certificate can name, and has a bound", () => {
  const odd: Machine = {
    hostname: () => "my machine",
    addresses: () => Array.from({ length: 500 }, (_, i) => `10.0.${i >> 8}.${i & 255}`),
  };
  const wanted = wantedNames({ host: "0.0.0.0" }, odd);
  assert.equal(wanted.length, ALWAYS.length + 32);
  assert.ok(!wanted.includes("my machine"));
});

Deno.test("isCertificateName() takes host names and addresses, and nothing else", () => {
  for (
    const name of ["a", "a-b.example.org", "*.example.org", "xn--bcher-kva.de", "::1", "10.0.0.1"]
  ) {
    assert.ok(isCertificateName(name), name);
  }
  const none = ["", " ", "a b", "a..b", "-a", "a-", "bücher.de", "10.0.0.256", "a,b", "*", "a\n"];
  for (const name of [...none, "a".repeat(64), `${"a.".repeat(130)}b`]) {
    assert.ok(!isCertificateName(name), name);
  }
});

Deno.test("missingNames() tells what a certificate does not name", async () => {
  using files = await makeTestCertificate(["localhost", "*.example.org", "2001:db8::7"]);
  const certificate = new X509Certificate(Deno.readTextFileSync(files.certificateFile));
  const wanted = ["localhost", "one.example.org", "example.org", "2001:db8::7", "10.0.0.1"];
  assert.deepEqual(await missingNames(certificate, wanted), ["example.org", "10.0.0.1"]);
});
