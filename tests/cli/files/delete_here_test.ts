import assert from "node:assert/strict";
import { join } from "node:path";
import { removeHere } from "../../../cli/files/delete_here.ts";
import { temporaryDirectory, tree, writeFile } from "../../transfer/temporary.ts";

Deno.test("removeHere() says what it cannot remove, be it a file or a directory", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await writeFile(join(path, "full/file"), "kept");
  await Deno.mkdir(join(path, "a/b/empty"), { recursive: true });
  await assert.rejects(removeHere(join(path, "full"), true, path), {
    name: "FileFailedError",
    message: /^Cannot remove ".*full": /,
  });
  await assert.rejects(removeHere(join(path, "full/none"), false, path), { code: "not-found" });
  await removeHere(join(path, "a/b/empty"), true, path);
  assert.deepEqual(await tree(path), ["full", "full/file"]);
});
