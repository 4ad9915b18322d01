import assert from "node:assert/strict";
import { join } from "node:path";
import {
  findRenamed,
  noteRenamed,
  removeOldRenamed,
} from "../../../transfer/upload/renamed_notes.ts";
import { temporaryStorage } from "../temporary.ts";

const HOUR_MS = 60 * 60_000;

const upload = (digit: string) => ({ id: digit.repeat(32), name: "a", size: 5 });

Deno.test("noteRenamed() keeps the first name of an upload, as long as its client may ask again", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const names = join(root.path, ".msquicd", "names");
  assert.equal(await findRenamed(root, upload("1")), undefined);
  assert.equal(await noteRenamed(root, upload("1"), "b/ü"), "b/ü");
  assert.equal(await noteRenamed(root, upload("1"), "c"), "b/ü");
  assert.equal(await findRenamed(root, upload("1")), "b/ü");
  assert.equal(await findRenamed(root, { ...upload("1"), size: 6 }), undefined);
  // Whoever wrote it was killed meanwhile.
  await noteRenamed(root, upload("2"), "d");
  for (const { name } of Deno.readDirSync(names)) await Deno.truncate(join(names, name), 5);
  assert.equal(await findRenamed(root, upload("2")), undefined);
  assert.equal(await noteRenamed(root, upload("2"), "e"), "e");
  assert.equal(await findRenamed(root, upload("2")), "e");

  const count = () => Array.from(Deno.readDirSync(names)).length;
  const now = Date.now();
  await removeOldRenamed(root.staging, now + 24 * HOUR_MS);
  assert.equal(count(), 2);
  await removeOldRenamed(root.staging, now + HOUR_MS + 60_000, 1);
  assert.equal(count(), 0);
  await noteRenamed(root, upload("3"), "f");
  await removeOldRenamed(root.staging, now + 26 * HOUR_MS);
  assert.equal(await findRenamed(root, upload("3")), undefined);
});
