import assert from "node:assert/strict";
import { AccessToken } from "../../../worker/sessions/access_token.ts";

Deno.test("AccessToken matches itself and nothing else", () => {
  const token = new AccessToken("sécret");
  assert.ok(token.matches("sécret"));
  for (const other of ["", "sécre", "sécret ", "SÉCRET", "secret", "x".repeat(100_000)]) {
    assert.ok(!token.matches(other), other.slice(0, 20));
  }
});

Deno.test("AccessToken refuses to be empty", () => {
  assert.throws(() => new AccessToken(""), TypeError);
});
