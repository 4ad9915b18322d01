import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describeError } from "../../../cli/text/describe_error.ts";

// B: no raw error of the system reaches a user.
Deno.test("describeError() puts errors of the system into words, with their path", async () => {
  const attempts: [() => Promise<unknown>, string, string][] = [
    [() => Deno.lstat("/no/such/a 'b"), "not-found", `"/no/such/a 'b": there is no such file or`],
    [() => Deno.readTextFile("/no/such"), "not-found", `"/no/such": there is no such file or`],
    [() => Deno.rename("/no/such", "/no/x"), "not-found", `"/no/such": there is no such file or`],
    [() => Deno.mkdir("/proc"), "file-exists", `"/proc": something of that name is there already`],
    [() => readdir("/no/such"), "not-found", `"/no/such": there is no such file or directory`],
    [() => Array.fromAsync(Deno.readDir("/dev/null")), "not-found", `"/dev/null": a part of the`],
  ];
  for (const [attempt, code, message] of attempts) {
    const error = await attempt().then(() => assert.fail("It succeeds"), (error: unknown) => error);
    const description = describeError(error);
    assert.equal(description.code, code, description.message);
    assert.ok(description.message.startsWith(`Cannot use ${message}`), description.message);
  }
});

Deno.test("describeError() leaves no number of the system in a sentence", () => {
  const cases: [string, string][] = [
    ["Text file busy (os error 26)", "The system refuses it: text file busy"],
    ["Access is denied. (os error 5): open 'C:\\x'", 'Cannot use "C:\\x": access is denied'],
    ["Nothing of the kind", "Nothing of the kind"],
  ];
  for (const [text, message] of cases) {
    assert.equal(describeError(new Error(text)).message, message);
  }
  const failed = Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" });
  assert.equal(describeError(failed).message, "The system refuses it: the device reports an error");
});
