import assert from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../../base/mod.ts";
import { InterruptedError } from "../../../cli/errors.ts";
import { withServer } from "../../fixtures/server.ts";
import { tree, writeFile } from "../../transfer/temporary.ts";
import { commandLineFor } from "../command_line.ts";

/** Waits until a directory has in it what it should. */
async function untilIs(directory: string, wanted: readonly string[]): Promise<void> {
  let found: string[] = [];
  for (let tries = 0; tries < 1000; tries++) {
    found = await tree(directory).catch(() => []);
    if (JSON.stringify(found) === JSON.stringify(wanted)) return;
    await delay(20);
  }
  assert.deepEqual(found, wanted);
}

Deno.test("sync makes one directory like the other, in the direction that is meant", async () => {
  await withServer(async (bench) => {
    const run = commandLineFor(bench);
    const { directory } = bench;
    const here = join(directory, "here");
    const there = join(directory, "storage/there");
    const back = join(directory, "back");
    for (const name of ["a", "b/c"]) await writeFile(join(here, name), name);
    await Deno.mkdir(join(here, "empty"));
    await writeFile(join(there, "old"), "old");

    const all = ["a", "b", "b/c", "empty", "old"];
    assert.equal((await run("sync", here, "there/")).exitCode, 0);
    assert.deepEqual(await tree(there), all);
    assert.match((await run("sync", here, "there")).stdout, /there\/a: skipped/);
    assert.equal((await run("sync", "there", back)).exitCode, 0);
    assert.deepEqual(await tree(back), all);

    const unclear = await run("sync", here, back);
    assert.equal(unclear.exitCode, 2);
    assert.match(unclear.stderr, /--up .* --down/);
    assert.equal((await run("sync", here, "there", "--up", "--down")).exitCode, 2);
    assert.equal((await run("sync", "there", back, "--watch")).exitCode, 2);
    assert.equal((await run("sync", "none", back, "--delete")).exitCode, 3);
    assert.equal((await run("sync", here, "there", "--delete")).exitCode, 0);
    assert.deepEqual(await tree(there), all.slice(0, 4));
    assert.equal((await run("sync", "there", back, "--down", "--delete")).exitCode, 0);
    assert.deepEqual(await tree(back), all.slice(0, 4));
  });
});

Deno.test("sync --watch copies what changes, until it is interrupted", async () => {
  await withServer(async (bench) => {
    const stop = new AbortController();
    const run = commandLineFor(bench, stop.signal);
    const here = join(bench.directory, "here");
    const there = join(bench.directory, "storage/there");
    await writeFile(join(here, "a"), "1");
    const watching = run("sync", here, "there", "--watch", "--delete", "--exclude", "*.tmp");
    try {
      await untilIs(there, ["a"]);
      await writeFile(join(here, "deep/new/b"), "2");
      await writeFile(join(here, "deep/x.tmp"), "3");
      await Deno.writeTextFile(join(here, "a"), "changed");
      await untilIs(there, ["a", "deep", "deep/new", "deep/new/b"]);
      await Deno.rename(join(here, "deep/new"), join(here, "moved"));
      await untilIs(there, ["a", "moved", "moved/b"]);
      if (Deno.build.os !== "windows") {
        // A name that no server takes costs that file.
        await writeFile(join(here, "a:b"), "");
      }
      await Deno.remove(join(here, "moved"), { recursive: true });
      await untilIs(there, ["a"]);
      assert.equal(await Deno.readTextFile(join(there, "a")), "changed");
    } finally {
      stop.abort(new InterruptedError());
    }
    assert.equal((await watching).exitCode, 130);
  });
});
