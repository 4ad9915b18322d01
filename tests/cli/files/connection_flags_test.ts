import assert from "node:assert/strict";
import { ownCertificate } from "../../../cli/files/connection_flags.ts";
import { UsageError } from "../../../cli/errors.ts";

Deno.test("ownCertificate() takes both files, from flags or from the environment, or none", () => {
  const pair = { certificateFile: "c", privateKeyFile: "k" };
  const environment: Record<string, string> = { MSQUICD_CERT: "c", MSQUICD_KEY: "k" };
  const read = (name: string) => environment[name];
  const none = () => undefined;
  assert.deepEqual(ownCertificate({ cert: "c", key: "k" }, none), pair);
  assert.deepEqual(ownCertificate({}, read), pair);
  assert.deepEqual(ownCertificate({ key: "other" }, read), { ...pair, privateKeyFile: "other" });
  assert.deepEqual(ownCertificate({}, none), {});
  assert.deepEqual(ownCertificate({}, () => ""), {});
  assert.throws(() => ownCertificate({ cert: "c" }, none), UsageError);
  assert.throws(() => ownCertificate({ key: "k" }, none), UsageError);
});
