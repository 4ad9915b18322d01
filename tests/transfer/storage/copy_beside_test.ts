import assert from "node:assert/strict";
import { join } from "node:path";
import { removeCopies } from "../../../transfer/mod.ts";
import { copyName, noteCopy } from "../../../transfer/storage/copy_beside.ts";
import { holdRoot } from "../../../transfer/storage/held_root.ts";
import { temporaryStorage, writeFile } from "../temporary.ts";

const DAY_MS = 24 * 60 * 60_000;

Deno.test("removeCopies() remembers a copy for as long as its file system may come back", async () => {
  await using storage = await temporaryStorage();
  const { path, staging } = storage.root;
  using top = holdRoot(storage.root);
  const notes = () => Array.from(Deno.readDirSync(staging)).length;
  const [name, other] = [copyName(), copyName()];
  await Deno.mkdir(join(path, "mnt"));
  await noteCopy(staging, "owner", ["mnt", name], false);
  await noteCopy(staging, "owner", ["gone", other], false);
  await noteCopy(staging, "owner", ["..", other], false);
  // Nothing is mounted; then, it is there again.
  assert.equal(await removeCopies(top, staging, "owner"), 0);
  assert.equal(notes(), 2);
  await writeFile(join(path, "mnt", name), "left");
  assert.equal(await removeCopies(top, staging, "owner"), 1);
  assert.deepEqual(Array.from(Deno.readDirSync(join(path, "mnt"))), []);
  assert.equal(notes(), 1);
  assert.equal(await removeCopies(top, staging, "owner", Date.now() + 31 * DAY_MS), 0);
  assert.equal(notes(), 0);
});
