import assert from "node:assert/strict";
import { CodedError, CodedErrorOf } from "../../base/mod.ts";

class GoneError extends CodedError {
  readonly code: string = "gone";
}

class LongGoneError extends GoneError {
  override readonly code = "long-gone";
}

class PlaceError extends CodedErrorOf<"here" | "there"> {}

Deno.test("an error with a code has the name of its class, and a cause where one is given", () => {
  const cause = new Error("because");
  const errors = [
    [new GoneError("It is gone", { cause }), "GoneError", "gone"],
    [new LongGoneError("It is gone", { cause }), "LongGoneError", "long-gone"],
    [new PlaceError("there", "It is gone", { cause }), "PlaceError", "there"],
  ] as const;
  for (const [error, name, code] of errors) {
    assert.ok(error instanceof CodedError && error instanceof Error);
    assert.deepEqual({ ...error }, { name, code });
    assert.equal(error.message, "It is gone");
    assert.equal(error.cause, cause);
    assert.equal(String(error), `${name}: It is gone`);
  }
  assert.ok(new LongGoneError("It is gone") instanceof GoneError);
  assert.equal("cause" in new GoneError("It is gone"), false);
});
