import assert from "node:assert/strict";
import {
  InvalidNameError,
  isWireErrorCode,
  ProtocolError,
  RemoteError,
  WIRE_ERRORS,
  wireErrorOf,
} from "../../protocol/mod.ts";

class CodedError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

Deno.test("wireErrorOf() tells the protocol's own errors as they are", () => {
  assert.deepEqual(wireErrorOf(new ProtocolError("bad-body", 'Field "name" is missing')), {
    code: "bad-body",
    message: 'Field "name" is missing',
  });
  assert.deepEqual(wireErrorOf(new InvalidNameError("Cannot use it")), {
    code: "invalid-name",
    message: "Cannot use it",
  });
});

Deno.test("wireErrorOf() tells of other errors the code alone", () => {
  assert.deepEqual(wireErrorOf(new CodedError("file-exists", "Cannot store /srv/secret/a")), {
    code: "file-exists",
    message: WIRE_ERRORS["file-exists"],
  });
});

Deno.test("wireErrorOf() tells nothing of what is unforeseen", () => {
  const internal = { code: "internal", message: WIRE_ERRORS.internal };
  const unforeseen = [
    new Error("ENOENT: /srv/secret"),
    new CodedError("ENOENT", "/srv/secret"),
    new CodedError("toString", "/srv/secret"),
    new CodedError("internal", "/srv/secret"),
    { code: "not-found", message: "/srv/secret" },
    "/srv/secret",
    undefined,
    null,
  ];
  for (const error of unforeseen) assert.deepEqual(wireErrorOf(error), internal);
});

Deno.test("isWireErrorCode() knows the protocol's codes alone", () => {
  assert.ok(isWireErrorCode("bad-frame"));
  for (const value of ["constructor", "", "BAD-FRAME", 1, undefined]) {
    assert.ok(!isWireErrorCode(value));
  }
});

Deno.test("RemoteError.from() takes codes it does not know, and makes the message printable", () => {
  const error = RemoteError.from({ code: "out-of-tea", message: "No\u001b[31m tea\n\u009bleft" });
  assert.equal(error.code, "out-of-tea");
  assert.equal(error.message, "No [31m tea left");
  assert.equal(RemoteError.from({ code: "a", message: "x".repeat(5000) }).message.length, 1000);
});

Deno.test("RemoteError.from() refuses what is no error body", () => {
  const refused = [null, 1, {}, { code: "a" }, { code: "A b", message: "" }, {
    code: 1,
    message: "",
  }];
  for (const body of refused) {
    assert.throws(() => RemoteError.from(body), { name: "ProtocolError", code: "bad-body" });
  }
});

Deno.test("An error tells when the same may be tried again, if that is known", () => {
  const refusal = new ProtocolError("too-many-requests", "Later", { retryAfterMs: 250 });
  const told = wireErrorOf(refusal);
  assert.deepEqual(told, { code: "too-many-requests", message: "Later", retryAfterMs: 250 });
  assert.equal(RemoteError.from(told).retryAfterMs, 250);
  for (const retryAfterMs of [undefined, null]) {
    assert.equal(RemoteError.from({ ...told, retryAfterMs }).retryAfterMs, undefined);
  }
  for (const retryAfterMs of [-1, 1.5, "1", 86_400_001, NaN]) {
    assert.throws(() => RemoteError.from({ ...told, retryAfterMs }), { code: "bad-body" });
  }
});
