import assert from "node:assert/strict";
import { statelessResetKey } from "../../worker/stateless_reset_key.ts";
import { makeTestCertificate } from "../fixtures/certificate.ts";

Deno.test("statelessResetKey is the same for one private key, and another for another", async () => {
  using one = await makeTestCertificate();
  using two = await makeTestCertificate();
  const key = await statelessResetKey(one.privateKeyFile);
  assert.equal(key.length, 32);
  assert.deepEqual(await statelessResetKey(one.privateKeyFile), key);
  assert.notDeepEqual(await statelessResetKey(two.privateKeyFile), key);
});

Deno.test("statelessResetKey tells that there is no private key", async () => {
  await assert.rejects(statelessResetKey("/nonexistent/key.pem"), Deno.errors.NotFound);
});
