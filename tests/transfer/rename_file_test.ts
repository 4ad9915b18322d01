import assert from "node:assert/strict";
import { join } from "node:path";
import { renameFile } from "../../transfer/rename_file.ts";
import { temporaryDirectory, tree, writeFile } from "./temporary.ts";

function failingRename(
  times: number,
  error: Error,
): { rename: () => Promise<void>; calls: number } {
  return {
    calls: 0,
    rename() {
      return ++this.calls > times ? Promise.resolve() : Promise.reject(error);
    },
  };
}

Deno.test("renameFile() replaces the file that has the name", async () => {
  await using directory = await temporaryDirectory();
  const [a, b] = [join(directory.path, "a"), join(directory.path, "b")];
  await writeFile(a, "new");
  await writeFile(b, "old");
  await renameFile(a, b);
  assert.equal(await Deno.readTextFile(b), "new");
  assert.deepEqual(await tree(directory.path), ["b"]);
});

Deno.test("renameFile() goes on trying while the file is in use", async () => {
  const fake = failingRename(3, new Deno.errors.PermissionDenied("In use (os error 5)"));
  await renameFile("a", "b", { rename: () => fake.rename(), patienceMs: 10_000 });
  assert.equal(fake.calls, 4);
});

Deno.test("renameFile() gives up when its patience ends, or at another error", async () => {
  const busy = failingRename(1000, new Deno.errors.PermissionDenied("In use (os error 5)"));
  const hopeless = renameFile("a", "b", { rename: () => busy.rename(), patienceMs: 40 });
  await assert.rejects(hopeless, Deno.errors.PermissionDenied);
  assert.ok(busy.calls > 1);
  const gone = failingRename(1000, new Deno.errors.NotFound("Gone"));
  const missing = renameFile("a", "b", { rename: () => gone.rename(), patienceMs: 10_000 });
  await assert.rejects(missing, Deno.errors.NotFound);
  assert.equal(gone.calls, 1);
});
