import assert from "node:assert/strict";
import { describeError } from "../../cli/text/describe_error.ts";
import { exitCodeOf } from "../../cli/exit_codes.ts";
import { ConnectError } from "../../ffi/mod.ts";
import {
  InvalidNameError,
  ProtocolError,
  RemoteError,
  WIRE_ERRORS,
  type WireErrorCode,
} from "../../protocol/mod.ts";

// That the documentation says the same of every code is checked in `tests/docs/codes_test.ts`.
Deno.test("exitCodeOf() is what scripts were promised", () => {
  const cases: [string, number][] = [
    ["something-new", 1],
    ["internal", 1],
    ["usage", 2],
    ["not-found", 3],
    ["wrong-token", 4],
    ["unreachable", 5],
    ["file-exists", 6],
    ["no-space", 7],
    ["server-full", 7],
    ["interrupted", 130],
  ];
  for (const [code, exit] of cases) assert.equal(exitCodeOf(code), exit, code);
});

Deno.test("describeError() takes the code of errors that have one of ours", () => {
  const errors: [Error, string][] = [
    [new RemoteError("internal", "Server failed"), "internal"],
    [new ProtocolError("hash-mismatch", "Data is damaged"), "hash-mismatch"],
    [new InvalidNameError("Name is empty"), "invalid-name"],
    [new ConnectError("unreachable", 1, "Cannot connect"), "unreachable"],
  ];
  for (const [error, code] of errors) {
    assert.deepEqual(describeError(error), { code, message: error.message });
  }
});

// C2
Deno.test("describeError() says something else for every reason that a name cannot be used", () => {
  const codes = ["file-exists", "not-newer", "is-a-directory", "not-a-directory", "not-a-file"];
  const messages = [...codes, "symbolic-link"].map((code) =>
    describeError(new RemoteError(code, WIRE_ERRORS[code as WireErrorCode]), undefined, "put")
      .message
  );
  assert.equal(new Set(messages).size, codes.length + 1);
  for (const message of messages) assert.match(message, /^[A-Z][^;]+; [a-z]/);
  const replaceable = messages.filter((message) => message.includes("--overwrite always"));
  assert.deepEqual(replaceable, messages.slice(0, 2));
});

Deno.test("describeError() says what to do about a refusal of the server", () => {
  const exists = new RemoteError("file-exists", "A file of this name exists");
  const { message } = describeError(exists, undefined, "put");
  assert.match(message, /^A file of this name exists; .*--overwrite always/);
  const busy = new RemoteError("cannot-resume", "Another request goes on with this upload");
  assert.match(
    describeError(busy, undefined, "put").message,
    /^Another .* upload; send it again when nothing else/,
  );
});

Deno.test("describeError() translates errors of the system and of the platform", async () => {
  const missing = await Deno.stat("/no/such/file").then(() => undefined, (error) => error);
  assert.equal(describeError(missing).code, "not-found");
  const full = Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
  assert.equal(describeError(full).code, "no-space");
  assert.equal(describeError(new DOMException("stop", "AbortError")).code, "interrupted");
  assert.equal(describeError(new TypeError("oops")).code, "failed");
  assert.deepEqual(describeError("thrown text"), { code: "failed", message: "thrown text" });
});

Deno.test("describeError() prefers what went wrong first over what followed from it", () => {
  const first = new RemoteError("not-found", "No such file");
  const error = new SuppressedError(new Error("Cannot close"), first, "Suppressed");
  assert.equal(describeError(error).code, "not-found");
});
