import assert from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import { PartialFile } from "../../client/partial_file.ts";
import { partialName } from "../../client/partial_name.ts";
import { Swapper } from "../transfer/storage/swapper.ts";
import { temporaryDirectory, tree, writeFile } from "../transfer/temporary.ts";

const ROUNDS = 120;
const PRECIOUS = "precious";

Deno.test({
  name: "PartialFile writes to no file outside while its name is swapped for a link",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using outside = await temporaryDirectory();
    await using here = await temporaryDirectory();
    const destination = join(here.path, "file");
    const info = { name: "file", size: 2_000_000, mtime: 0 };
    const path = join(here.path, partialName(destination, info));
    const links = { there: join(outside.path, "there"), absent: join(outside.path, "absent") };
    await writeFile(links.there, PRECIOUS);
    for (const target of Object.values(links)) {
      await writeFile(path, "theirs");
      const link = join(here.path, "link");
      await Deno.symlink(target, link);
      await using swapper = await Swapper.start(path, link);
      for (let round = 0; round < ROUNDS; round++) {
        await using partial = await PartialFile.open(destination, info, true);
        await partial.staged.file.write(new TextEncoder().encode("fetched"));
        await delay(round % 2);
      }
      assert.ok(await swapper.stop() > ROUNDS / 10);
      for await (const { name } of Deno.readDir(here.path)) {
        await Deno.remove(join(here.path, name));
      }
    }
    assert.deepEqual(await tree(outside.path), ["there"]);
    assert.equal(await Deno.readTextFile(links.there), PRECIOUS);
  },
});
