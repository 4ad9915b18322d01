import assert from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../../base/mod.ts";
import { InterruptedError } from "../../../cli/errors.ts";
import { connect } from "../../../client/mod.ts";
import { asNobody, giveToNobody, mayBeNobody } from "../../fixtures/as_nobody.ts";
import { withServer } from "../../fixtures/server.ts";
import { tree, writeFile } from "../../transfer/temporary.ts";
import { commandLineFor } from "../command_line.ts";

const POSIX = Deno.build.os !== "windows";

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
    assert.match((await run("sync", "-", "there", "--up")).stderr, /"-" is a pipe, .* with put/);
    const everything = await run("sync", here, "/", "--up");
    assert.equal(everything.exitCode, 2);
    assert.match(everything.stderr, /Cannot make all that the server has like .* instead of "\/"/);
    assert.equal((await run("sync", "there", back, "--down", "--watch", "--dry-run")).exitCode, 2);
    assert.equal((await run("sync", "none", `${back}2`, "--watch")).exitCode, 3);
    assert.equal((await run("sync", "none", back, "--delete")).exitCode, 3);
    assert.equal((await run("sync", here, "there", "--delete")).exitCode, 0);
    assert.deepEqual(await tree(there), all.slice(0, 4));
    assert.equal((await run("sync", "there", back, "--down", "--delete")).exitCode, 0);
    assert.deepEqual(await tree(back), all.slice(0, 4));
  });
});

Deno.test("--quiet says nothing of what succeeds, and all of what does not", async () => {
  await withServer(async (bench) => {
    const run = commandLineFor(bench);
    const [here, back] = [join(bench.directory, "here"), join(bench.directory, "back")];
    for (const name of ["a", "d/b"]) await writeFile(join(here, name), name);
    const lines: readonly string[][] = [
      ["put", here, "--to", "t"],
      ["get", "-r", "t", "-o", back, "--update"],
      ["sync", here, "t"],
    ];
    for (const line of lines) {
      const { exitCode, stdout, stderr } = await run(...line, "--quiet");
      assert.deepEqual([exitCode, stdout, stderr], [0, "", ""]);
      assert.equal((await run(...line, "--quiet", "--json")).json.length, 2);
    }
    const failed = await run("get", "t/a", "t/none", "-o", `${back}2/`, "--quiet");
    assert.equal(failed.exitCode, 3);
    assert.equal(failed.stdout, "");
    assert.match(failed.stderr, /Cannot fetch "t\/none" .*\n.*1 of 2 done, 1 failed/);
  });
});

Deno.test("sync --watch copies what changes, until it is interrupted", async () => {
  await withServer(async (bench) => {
    const stop = new AbortController();
    const run = commandLineFor(bench, stop.signal);
    const here = join(bench.directory, "here");
    const there = join(bench.directory, "storage/there");
    await writeFile(join(here, "a"), "1");
    await writeFile(join(here, "sub/s"), "1");
    // The system tells under one of its names only what happens in a directory: the one that it sees last.
    const links = POSIX ? ["1", "2", "3", "d", "l", "zz"] : [];
    for (const link of links) await Deno.symlink("sub", join(here, link));
    const watching = run("sync", here, "there", "--watch", "--delete", "--exclude", "*.tmp");
    try {
      await untilIs(there, ["a", "sub", "sub/s"]);
      await Deno.rename(join(here, "sub/s"), join(here, "sub/t"));
      await untilIs(there, ["a", "sub", "sub/t"]);
      await Deno.remove(join(here, "sub/t"));
      await untilIs(there, ["a"]);
      await writeFile(join(here, "deep/new/b"), "2");
      await writeFile(join(here, "deep/x.tmp"), "3");
      await Deno.writeTextFile(join(here, "a"), "changed");
      await untilIs(there, ["a", "deep", "deep/new", "deep/new/b"]);
      await Deno.rename(join(here, "deep/new"), join(here, "moved"));
      await untilIs(there, ["a", "moved", "moved/b"]);
      if (POSIX) {
        // A name that no server takes costs that file.
        await writeFile(join(here, "a:b"), "");
      }
      await Deno.remove(join(here, "moved"), { recursive: true });
      await untilIs(there, ["a"]);
      assert.equal(await Deno.readTextFile(join(there, "a")), "changed");
    } finally {
      stop.abort(new InterruptedError());
    }
    const { exitCode, stdout } = await watching;
    assert.equal(exitCode, 130);
    // Once, although the directories that it is in are new as well.
    assert.equal(stdout.match(/^there\/deep\/new\/b: 1 B/gm)?.length, 1, stdout);
  });
});

Deno.test("sync --watch --delete keeps on a server what is excluded, and more than may be removed", async () => {
  await withServer(async (bench) => {
    const stop = new AbortController();
    const run = commandLineFor(bench, stop.signal);
    const here = join(bench.directory, "here");
    const there = join(bench.directory, "storage/there");
    for (const name of ["a", "d/b", "build/x", "many/1", "many/2", "many/3"]) {
      await writeFile(join(here, name), name);
    }
    for (const name of ["build/x", "d/b.log", "d/other"]) await writeFile(join(there, name), name);
    await Deno.mkdir(join(there, "d/empty"));
    const flags = ["--exclude", "*.log", "--exclude", "build/", "--max-delete", "3"];
    const watching = run("sync", here, "there", "--watch", "--delete", ...flags);
    const many = ["many", "many/1", "many/2", "many/3"];
    try {
      await untilIs(there, ["a", "build", "build/x", "d", "d/b", "d/b.log", ...many]);
      for (const name of ["build", "d"]) await Deno.remove(join(here, name), { recursive: true });
      await untilIs(there, ["a", "build", "build/x", "d", "d/b.log", ...many]);
      await Deno.remove(join(here, "many"), { recursive: true });
      await Deno.remove(join(here, "a"));
      await writeFile(join(here, "c"), "c");
      await untilIs(there, ["a", "build", "build/x", "c", "d", "d/b.log", ...many]);
      await writeFile(join(here, "e"), "When it is there, what was to be removed before has been");
      await untilIs(there, ["a", "build", "build/x", "c", "d", "d/b.log", "e", ...many]);
    } finally {
      stop.abort(new InterruptedError());
    }
    assert.match((await watching).stderr, /Nothing is removed: it would be 4, and --max-delete/);
  });
});

Deno.test("sync --watch copies from a server what changes there, until it is interrupted", async () => {
  await withServer(async (bench) => {
    const stop = new AbortController();
    const run = commandLineFor(bench, stop.signal);
    const back = join(bench.directory, "back");
    const { server, token, fingerprint } = bench;
    await using client = await connect({ server, token, fingerprint });
    const put = (name: string, text: string) =>
      client.put(new TextEncoder().encode(text), name, { overwrite: "always" });
    await put("there/a", "1");
    await put("beside/a", "not here");
    await writeFile(join(back, "own"), "stays until something is removed");
    const flags = ["--watch", "--delete", "--exclude", "*.tmp", "--exclude", "kept"];
    await writeFile(join(back, "kept"), "");
    const watching = run("sync", "there", back, ...flags);
    try {
      await untilIs(back, ["a", "kept"]);
      await put("there/deep/new/b", "2");
      await put("there/deep/x.tmp", "3");
      await put("there/a", "changed");
      await put("therefore", "not here");
      await client.makeDirectory("there/empty");
      await untilIs(back, ["a", "deep", "deep/new", "deep/new/b", "empty", "kept"]);
      assert.equal(await Deno.readTextFile(join(back, "a")), "changed");
      await writeFile(join(back, "deep/new/own"), "of nobody else");
      await client.move("there/deep/new", "there/moved");
      await untilIs(back, ["a", "empty", "kept", "moved", "moved/b"]);
      await client.move("there/moved", "elsewhere");
      await untilIs(back, ["a", "empty", "kept"]);
      await client.move("elsewhere", "there/again");
      await client.remove("there/a");
      await untilIs(back, ["again", "again/b", "empty", "kept"]);
    } finally {
      stop.abort(new InterruptedError());
    }
    const { exitCode, stderr } = await watching;
    assert.equal(exitCode, 130, stderr);
  });
});

Deno.test(
  "sync --watch from a server removes nothing without --delete, and nothing through a link",
  {
    ignore: !POSIX,
  },
  async () => {
    await withServer(async (bench) => {
      const stop = new AbortController();
      const run = commandLineFor(bench, stop.signal);
      const { directory, server, token, fingerprint } = bench;
      const [kept, removed] = [join(directory, "kept"), join(directory, "removed")];
      await using client = await connect({ server, token, fingerprint });
      for (const name of ["t/a", "t/d/b", "t/l"]) await client.put(new Uint8Array(3), name);
      await writeFile(join(removed, "old"), "When it has gone, all has been compared once");
      const watching = [
        run("sync", "t", kept, "--watch"),
        run("sync", "t", removed, "--watch", "--delete"),
      ];
      try {
        for (const path of [kept, removed]) await untilIs(path, ["a", "d", "d/b", "l"]);
        await Deno.rename(join(removed, "d"), join(directory, "outside"));
        await Deno.symlink(join(directory, "outside"), join(removed, "d"));
        await Deno.remove(join(removed, "l"));
        await Deno.symlink(join(directory, "nowhere"), join(removed, "l"));
        for (const name of ["t/a", "t/d/b", "t/l"]) await client.remove(name);
        await client.put(new Uint8Array(3), "t/c");
        await untilIs(removed, ["c", "d", "l"]);
        await untilIs(kept, ["a", "c", "d", "d/b", "l"]);
        assert.deepEqual(await tree(join(directory, "outside")), ["b"]);
      } finally {
        stop.abort(new InterruptedError());
      }
      for (const { exitCode, stderr } of await Promise.all(watching)) {
        assert.equal(exitCode, 130, stderr);
      }
    });
  },
);

Deno.test({
  name: "sync --watch --delete removes nothing for a directory that cannot be looked into any more",
  ignore: !mayBeNobody,
  async fn() {
    await withServer(async (bench) => {
      const stop = new AbortController();
      const run = commandLineFor(bench, stop.signal);
      const here = join(bench.directory, "here");
      const there = join(bench.directory, "storage/there");
      for (const name of ["d/a", "d/b", "e"]) await writeFile(join(here, name), name);
      await giveToNobody(bench.directory);
      const ended = await asNobody(async () => {
        const watching = run("sync", here, "there", "--watch", "--delete");
        try {
          await untilIs(there, ["d", "d/a", "d/b", "e"]);
          await Deno.remove(join(here, "e"));
          await untilIs(there, ["d", "d/a", "d/b"]);
          await Deno.writeTextFile(join(here, "d/a"), "changed");
          await Deno.remove(join(here, "d/b"));
          await Deno.chmod(join(here, "d"), 0);
          await writeFile(join(here, "f"), "f");
          await untilIs(there, ["d", "d/a", "d/b", "f"]);
          await Deno.writeTextFile(join(here, "g"), "When it is there, all before is done");
          await untilIs(there, ["d", "d/a", "d/b", "f", "g"]);
        } finally {
          stop.abort(new InterruptedError());
        }
        return await watching;
      });
      assert.match(ended.stderr, /Cannot read the directory ".*here\/d"/);
    });
  },
});
