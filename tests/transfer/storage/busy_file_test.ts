import assert from "node:assert/strict";
import { join } from "node:path";
import { removeName, renameFile, untilFree } from "../../../transfer/storage/busy_file.ts";
import { temporaryDirectory, tree, writeFile } from "../temporary.ts";

function failing(times: number, error: Error): { action: () => Promise<void>; calls: number } {
  const fake = {
    calls: 0,
    action: () => ++fake.calls > times ? Promise.resolve() : Promise.reject(error),
  };
  return fake;
}

Deno.test("renameFile() replaces the file that has the name, removeName() removes it", async () => {
  await using directory = await temporaryDirectory();
  const [a, b] = [join(directory.path, "a"), join(directory.path, "b")];
  await writeFile(a, "new");
  await writeFile(b, "old");
  await renameFile(a, b);
  assert.equal(await Deno.readTextFile(b), "new");
  assert.deepEqual(await tree(directory.path), ["b"]);
  await removeName(b);
  assert.deepEqual(await tree(directory.path), []);
});

Deno.test("untilFree() goes on trying while the file is in use", async () => {
  const fake = failing(3, new Deno.errors.PermissionDenied("In use (os error 5)"));
  await untilFree(fake.action, 10_000);
  assert.equal(fake.calls, 4);
});

Deno.test("untilFree() gives up when its patience ends, or at another error", async () => {
  const busy = failing(1000, new Deno.errors.PermissionDenied("In use (os error 5)"));
  await assert.rejects(untilFree(busy.action, 40), Deno.errors.PermissionDenied);
  assert.ok(busy.calls > 1);
  const gone = failing(1000, new Deno.errors.NotFound("Gone"));
  await assert.rejects(untilFree(gone.action, 10_000), Deno.errors.NotFound);
  assert.equal(gone.calls, 1);
});
