import assert from "node:assert/strict";
import { BatchError, UsageError } from "../../../cli/errors.ts";
import { Output } from "../../../cli/text/output.ts";
import { ManagerNotRunningError } from "../../../manager/mod.ts";
import { collector } from "../collector.ts";

function capture(options: { json: boolean; debug?: boolean }) {
  const stdout = collector();
  const stderr = collector();
  return { output: new Output({ ...options, stdout, stderr }), stdout, stderr };
}

Deno.test("Output with json writes the result and nothing else to standard output", () => {
  const { output, stdout, stderr } = capture({ json: true });
  output.line("for people");
  output.note("a remark");
  output.result([{ name: "a" }]);
  assert.deepEqual(JSON.parse(stdout.text), [{ name: "a" }]);
  assert.equal(stderr.text, "msquicd: a remark\n");
});

Deno.test("Output without json writes lines and no value", () => {
  const { output, stdout } = capture({ json: false });
  output.line("for people");
  output.result({ name: "a" });
  assert.equal(stdout.text, "for people\n");
});

Deno.test("Output.failure() with json is one value of the promised shape", () => {
  const { output, stdout, stderr } = capture({ json: true });
  assert.equal(output.failure(new UsageError("Nothing is given")), 2);
  const error = { code: "usage", message: "Nothing is given" };
  assert.deepEqual(JSON.parse(stdout.text), { error });
  assert.equal(stderr.text, "");
});

Deno.test("Output.failure() without json is one line on standard error, without a stack", () => {
  const { output, stdout, stderr } = capture({ json: false });
  assert.equal(output.failure(new ManagerNotRunningError("default")), 3);
  assert.equal(stdout.text, "");
  assert.equal(
    stderr.text,
    'msquicd: No manager is running for instance "default"; start one with: deno task msquicd start\n',
  );
});

Deno.test("Output.failure() shows the stack when debugging", () => {
  const { output, stderr } = capture({ json: false, debug: true });
  assert.equal(output.failure(new TypeError("Broken")), 1);
  assert.match(stderr.text, /^msquicd: Broken\nTypeError: Broken\n {4}at /);
});

Deno.test("Output.failure() of a batch tells what is done and what is not", () => {
  const { output, stdout } = capture({ json: true });
  const failure = { name: "b", code: "file-exists", message: "A file of this name exists" };
  const error = new BatchError(failure, [failure], [{ name: "a" }], 2);
  assert.equal(output.failure(error), 6);
  const value = JSON.parse(stdout.text);
  assert.equal(value.error.code, "file-exists");
  assert.deepEqual(value.failures, [failure]);
  assert.deepEqual(value.results, [{ name: "a" }]);
});
