import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { StagedFile } from "../../../transfer/mod.ts";
import { removeStaleUploads, uploadOwner } from "../../../worker/life/uploads.ts";
import { temporaryStorage } from "../../transfer/temporary.ts";

const ALIVE = 1001;
const DEAD = 1002;

Deno.test("removeStaleUploads removes what dead processes of this machine left, and nothing else", async () => {
  await using storage = await temporaryStorage();
  const { staging } = storage.root;
  await using alive = await StagedFile.create(staging, uploadOwner(ALIVE));
  const first = await StagedFile.create(staging, uploadOwner(DEAD));
  const second = await StagedFile.create(staging, uploadOwner(DEAD));
  for (const { file } of [first, second]) file.close(); // as the system does for the dead
  await using _elsewhere = await StagedFile.create(staging, `worker-elsewhere-${DEAD}`);
  await using _other = await StagedFile.create(staging, "other");
  const foreign = `${uploadOwner(DEAD)}-notes.txt`;
  await Deno.writeTextFile(join(staging, foreign), "");
  await removeStaleUploads(storage.root, (pid) => pid === ALIVE);
  const left = Array.from(Deno.readDirSync(staging), ({ name }) => name);
  assert.equal(left.length, 4);
  assert.ok(left.includes(basename(alive.path)) && left.includes(foreign));
  assert.ok(!left.includes(basename(first.path)) && !left.includes(basename(second.path)));
});

Deno.test("removeStaleUploads keeps those of this process by default, and survives a missing storage", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  await using _own = await StagedFile.create(root.staging, uploadOwner());
  await removeStaleUploads(root);
  assert.equal(Array.from(Deno.readDirSync(root.staging)).length, 1);
  await removeStaleUploads({ ...root, path: join(root.path, "none") });
});
