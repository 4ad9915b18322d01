import assert from "node:assert/strict";
import { FingerprintError } from "../../client/errors.ts";
import { normalizeFingerprint } from "../../client/fingerprint.ts";

const DIGITS = "0123456789abcdef".repeat(4);

Deno.test("normalizeFingerprint() takes the ways people write a fingerprint", () => {
  const pairs = DIGITS.match(/../g)?.join(":") ?? "";
  for (const text of [DIGITS, DIGITS.toUpperCase(), pairs, `sha256:${DIGITS}`, ` ${DIGITS}\n`]) {
    assert.equal(normalizeFingerprint(text), DIGITS, text);
  }
});

Deno.test("normalizeFingerprint() refuses what is no SHA-256", () => {
  for (const text of ["", "abc", DIGITS.slice(1), `${DIGITS}0`, DIGITS.replace("a", "g")]) {
    assert.throws(() => normalizeFingerprint(text), FingerprintError, text);
  }
});

// I2: who takes the token for the fingerprint does not get to see it again.
Deno.test("normalizeFingerprint() does not repeat what it refuses", () => {
  const secret = "secret-token-of-somebody";
  assert.throws(() => normalizeFingerprint(secret), (error) => {
    assert.ok(error instanceof FingerprintError);
    assert.ok(!error.message.includes(secret), error.message);
    return true;
  });
});
