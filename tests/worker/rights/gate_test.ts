import assert from "node:assert/strict";
import { Gate } from "../../../worker/rights/gate.ts";
import { OWNER } from "../../../worker/rights/identity.ts";

Deno.test("Gate lets whoever shows the owner's token in, and nobody else", () => {
  const gate = new Gate("sécret");
  assert.equal(gate.identify("sécret"), OWNER);
  for (const other of ["", "sécre", "sécret ", "SÉCRET", "secret", "x".repeat(100_000)]) {
    assert.equal(gate.identify(other), undefined, other.slice(0, 20));
  }
});

Deno.test("Gate refuses to have an empty token", () => {
  assert.throws(() => new Gate(""), TypeError);
});
