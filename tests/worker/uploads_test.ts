import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { StagedFile } from "../../transfer/mod.ts";
import { removeStaleUploads, uploadOwner } from "../../worker/uploads.ts";

const ALIVE = 1001;
const DEAD = 1002;

Deno.test("removeStaleUploads removes what dead processes of this machine left, and nothing else", async () => {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-uploads-" });
  try {
    await using alive = await StagedFile.create(directory, uploadOwner(ALIVE));
    const first = await StagedFile.create(directory, uploadOwner(DEAD));
    const second = await StagedFile.create(directory, uploadOwner(DEAD));
    for (const { file } of [first, second]) file.close(); // as the system does for the dead
    await using _elsewhere = await StagedFile.create(directory, `worker-elsewhere-${DEAD}`);
    await using _other = await StagedFile.create(directory, "other");
    const foreign = `${uploadOwner(DEAD)}-notes.txt`;
    await Deno.writeTextFile(join(directory, foreign), "");
    await removeStaleUploads(directory, (pid) => pid === ALIVE);
    const left = Array.from(Deno.readDirSync(directory), ({ name }) => name);
    assert.equal(left.length, 4);
    assert.ok(left.includes(basename(alive.path)) && left.includes(foreign));
    assert.ok(!left.includes(basename(first.path)) && !left.includes(basename(second.path)));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("removeStaleUploads keeps those of this process by default, and survives a missing directory", async () => {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-uploads-" });
  try {
    await using _own = await StagedFile.create(directory, uploadOwner());
    await removeStaleUploads(directory);
    assert.equal(Array.from(Deno.readDirSync(directory)).length, 1);
    await removeStaleUploads(join(directory, "none"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
