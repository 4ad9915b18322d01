import assert from "node:assert/strict";
import { forEachItem } from "../../cli/batch.ts";
import { BatchError, InterruptedError } from "../../cli/errors.ts";
import { Output } from "../../cli/output.ts";
import { RemoteError } from "../../protocol/mod.ts";
import { collector } from "./collector.ts";

const ITEMS = [{ name: "a" }, { name: "b" }, { name: "c" }];

function silent() {
  const stderr = collector();
  return { stderr, output: new Output({ json: false, stdout: collector(), stderr }) };
}

Deno.test("forEachItem() returns the results in order", async () => {
  const { output } = silent();
  const results = await forEachItem(ITEMS, output, ({ name }) => Promise.resolve(name));
  assert.deepEqual(results, ["a", "b", "c"]);
});

Deno.test("forEachItem() goes on after one failure and reports it", async () => {
  const { output, stderr } = silent();
  const run = ({ name }: { name: string }) =>
    name === "b"
      ? Promise.reject(new RemoteError("file-exists", "A file of this name exists"))
      : Promise.resolve(name);
  await assert.rejects(forEachItem(ITEMS, output, run), (error) => {
    assert.ok(error instanceof BatchError);
    assert.equal(error.code, "file-exists");
    assert.deepEqual(error.results, ["a", "c"]);
    assert.deepEqual(error.failures.map((failure) => failure.name), ["b"]);
    return true;
  });
  assert.match(stderr.text, /A file of this name exists/);
});

Deno.test("forEachItem() stops where every further item would fail too", async () => {
  const { output } = silent();
  const seen: string[] = [];
  const run = ({ name }: { name: string }) => {
    seen.push(name);
    return Promise.reject(new InterruptedError());
  };
  await assert.rejects(forEachItem(ITEMS, output, run), { code: "interrupted" });
  assert.deepEqual(seen, ["a"]);
});

Deno.test("forEachItem() throws a single item's failure as it is", async () => {
  const { output } = silent();
  const failure = new RemoteError("not-found", "No such file");
  const run = () => Promise.reject(failure);
  await assert.rejects(forEachItem([{ name: "a" }], output, run), (error) => error === failure);
});
