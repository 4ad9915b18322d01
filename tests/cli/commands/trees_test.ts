import assert from "node:assert/strict";
import { join } from "node:path";
import { asNobody, giveToNobody, mayBeNobody } from "../../fixtures/as_nobody.ts";
import { type Bench, withServer } from "../../fixtures/server.ts";
import { tree, writeFile } from "../../transfer/temporary.ts";
import { commandLineFor, type Ended } from "../command_line.ts";

const POSIX = Deno.build.os !== "windows";

interface Scene {
  run: (...words: string[]) => Promise<Ended>;
  /** A directory with a tree in it. */
  here: string;
  /** Where the server has its files. */
  there: string;
  bench: Bench;
}

const MTIME = new Date(1_600_000_000_000);

/** Runs a test with a tree here, and a server. */
async function withTree(test: (scene: Scene) => Promise<void>): Promise<void> {
  await withServer(async (bench) => {
    const here = join(bench.directory, "here");
    const files = ["a-b/x", "a.txt", "a/deep/y", "a/z.log", "b/c.txt", "run.sh"];
    for (const name of files) {
      await writeFile(join(here, "d", name), name);
      await Deno.utime(join(here, "d", name), MTIME, MTIME);
    }
    for (const name of ["a/empty", "none/none"]) {
      await Deno.mkdir(join(here, "d", name), { recursive: true });
    }
    if (POSIX) await Deno.chmod(join(here, "d/run.sh"), 0o755);
    const there = join(bench.directory, "storage");
    await test({ run: commandLineFor(bench), here, there, bench });
  });
}

const TREE = [
  ...["a", "a-b", "a-b/x", "a.txt", "a/deep", "a/deep/y", "a/empty", "a/z.log", "b", "b/c.txt"],
  ...["none", "none/none", "run.sh"],
];

function succeeded({ exitCode, stdout, stderr }: Ended): string {
  assert.equal(exitCode, 0, stdout + stderr);
  return stdout;
}

/** What was copied, of what `--json` prints. */
function copied({ json }: Ended): string[] {
  return json.filter(({ sha256 }: { sha256?: string }) => sha256 !== undefined)
    .map(({ name }: { name: string }) => name).sort();
}

Deno.test("put and get -r keep a tree: names, times, modes and empty directories", async () => {
  await withTree(async ({ run, here, there }) => {
    succeeded(await run("put", join(here, "d")));
    assert.deepEqual(await tree(join(there, "d")), TREE);
    const back = join(here, "new/back");
    succeeded(await run("get", "-r", "d", "-o", back));
    assert.deepEqual(await tree(back), TREE);
    for (const name of ["a/deep/y", "run.sh"]) {
      const [one, other] = [Deno.statSync(join(here, "d", name)), Deno.statSync(join(back, name))];
      assert.equal(other.mtime?.getTime(), MTIME.getTime());
      if (POSIX) assert.equal(other.mode, one.mode);
      assert.equal(await Deno.readTextFile(join(back, name)), name);
    }
    succeeded(await run("get", "-r", "d/a/", "d/b", "-o", join(here, "two")));
    assert.deepEqual(await tree(join(here, "two")), [
      ...["a", "a/deep", "a/deep/y", "a/empty", "a/z.log", "b", "b/c.txt"],
    ]);
    succeeded(await run("get", "-r", "/", "-o", join(here, "all")));
    assert.deepEqual(await tree(join(here, "all/d")), TREE);
    const one = await run("get", "-r", "d/a.txt", "-o", `${join(here, "file")}/`);
    succeeded(one);
    assert.deepEqual(await tree(join(here, "file")), ["a.txt"]);
    assert.equal((await run("get", "-r", "none", "-o", join(here, "x"))).exitCode, 3);
    await assert.rejects(Deno.lstat(join(here, "x")), Deno.errors.NotFound);
    succeeded(await run("get", "d/*.txt", "d/b/c.txt", "-o", `${join(here, "some")}/`));
    assert.deepEqual(await tree(join(here, "some")), ["a.txt", "c.txt"]);
    // Two patterns collide only where files that they match do.
    const both = ["get", "d/a*/*.log", "d/b/*", "-o", `${join(here, "both")}/`];
    succeeded(await run(...both));
    assert.deepEqual(await tree(join(here, "both")), ["c.txt", "z.log"]);
    await writeFile(join(there, "d/b/z.log"), "b/z.log");
    for (const how of [["--overwrite", "always"], ["--update"]]) {
      const refused = await run(...both, ...how);
      assert.equal(refused.exitCode, 2);
      assert.match(refused.stderr, /"d\/a\/z.log" and "d\/b\/z.log" would both be written to/);
    }
    assert.equal(await Deno.readTextFile(join(here, "both/z.log")), "a/z.log");
    const none = await run("get", "d/none*", "d/*.sh", "-o", join(here, "sh"));
    assert.equal(none.exitCode, 3);
    assert.deepEqual(await tree(join(here, "sh")), ["run.sh"]);
  });
});

Deno.test("put and get -r copy only what differs, in size, time or bytes", async () => {
  await withTree(async ({ run, here, there }) => {
    const d = join(here, "d");
    const back = join(here, "back");
    succeeded(await run("put", d));
    succeeded(await run("get", "-r", "d", "-o", back));
    for (const words of [["put", d], ["get", "-r", "d", "-o", back]]) {
      for (const how of ["--update", "--checksum"]) {
        assert.deepEqual(copied(await run(...words, how, "--json")), [], how);
      }
      for (const how of [[], ["--dry-run"]]) {
        const without = await run(...words, ...how, "--json");
        succeeded(without);
        assert.deepEqual(copied(without), []);
        const files = without.json.filter(({ directory }: { directory?: true }) => !directory);
        assert.equal(files.length, 6);
        assert.ok(files.every(({ skipped }: { skipped?: true }) => skipped));
      }
    }
    // The same size: another time, and other bytes of the same time.
    await Deno.utime(join(d, "a.txt"), 1000, 1000);
    await Deno.writeTextFile(join(d, "b/c.txt"), "B/C.TXT");
    await Deno.utime(join(d, "b/c.txt"), MTIME, MTIME);
    await writeFile(join(d, "a/new"), "new");
    const dry = await run("put", d, "--update", "--dry-run");
    assert.deepEqual(succeeded(dry).match(/^.*(?=: would be copied)/gm), ["d/a.txt", "d/a/new"]);
    assert.deepEqual(await tree(join(there, "d")), TREE);
    assert.deepEqual(copied(await run("put", d, "--checksum", "--json")), ["d/a/new", "d/b/c.txt"]);
    assert.equal(await Deno.readTextFile(join(there, "d/b/c.txt")), "B/C.TXT");
    const get = ["get", "-r", "d", "-o", back];
    assert.match(
      succeeded(await run(...get, "--checksum", "--dry-run")),
      /c\.txt: would be copied/,
    );
    assert.deepEqual(copied(await run(...get, "--checksum", "--json")), ["d/a/new", "d/b/c.txt"]);
    assert.deepEqual(copied(await run("put", d, "--update", "--json")), ["d/a.txt"]);
    assert.deepEqual(copied(await run(...get, "--update", "--json")), ["d/a.txt"]);
  });
});

Deno.test("--overwrite newer says with --dry-run what it refuses without", async () => {
  await withTree(async ({ run, here, there }) => {
    const file = join(here, "d/a.txt");
    succeeded(await run("put", file));
    await Deno.writeTextFile(join(there, "a.txt"), "of another size");
    const put = ["put", file, "--overwrite", "newer", "--json"];
    const get = ["get", "a.txt", "-o", file, "--overwrite", "newer", "--json"];
    // The one that is older is copied to the newer one, and then the other way round.
    for (const [time, refused, taken] of [[2000, put, get], [1000, get, put]] as const) {
      await Deno.utime(join(there, "a.txt"), time * 1e6, time * 1e6);
      assert.equal((await run(...taken, "--dry-run")).json[0].planned, true);
      for (const how of [["--dry-run"], []]) {
        const { exitCode, json } = await run(...refused, ...how);
        assert.deepEqual([exitCode, json.error?.code], [6, "not-newer"], refused.join(" "));
      }
    }
  });
});

Deno.test("put and get -r that are called again copy what is missing, and refuse what is another file", async () => {
  await withTree(async ({ run, here, there }) => {
    const d = join(here, "d");
    const back = join(here, "back");
    for (
      const [words, files] of [[["put", d], join(there, "d")], [["get", "-r", "d"], back]] as const
    ) {
      const again = () => run(...words, ...(words[0] === "get" ? ["-o", back] : []), "--json");
      succeeded(await again());
      await Deno.remove(join(files, "a/deep/y"));
      const second = await again();
      succeeded(second);
      assert.deepEqual(copied(second), ["d/a/deep/y"]);
      await Deno.writeTextFile(join(files, "b/c.txt"), "c.txt/b");
      await Deno.remove(join(files, "a.txt"));
      const third = await again();
      assert.deepEqual([third.exitCode, third.json.error.code], [6, "file-exists"]);
      assert.equal(await Deno.readTextFile(join(files, "b/c.txt")), "c.txt/b");
      assert.equal(await Deno.readTextFile(join(files, "a.txt")), "a.txt");
      await Deno.writeTextFile(join(there, "d/b/c.txt"), "b/c.txt");
    }
  });
});

Deno.test("--exclude, --include and --files-from say what of a tree is copied", async () => {
  await withTree(async ({ run, here, there }) => {
    const d = join(here, "d");
    const exclude = ["--exclude", "*.log", "--exclude", "/b/", "--exclude", "none"];
    succeeded(await run("put", d, ...exclude));
    const rest = TREE.filter((name) => !/^b|\.log|none/.test(name));
    assert.deepEqual(await tree(join(there, "d")), rest);
    succeeded(
      await run(
        "put",
        d,
        "--to",
        "texts",
        "--exclude",
        "*",
        "--include",
        "*/",
        "--include",
        "*.txt",
      ),
    );
    assert.deepEqual(await tree(join(there, "texts")), [
      ...["a", "a.txt", "a/empty", "b", "b/c.txt", "none", "none/none"],
    ]);
    succeeded(await run("get", "-r", "d", "-o", join(here, "some"), "--exclude", "a/"));
    assert.deepEqual(await tree(join(here, "some")), ["a-b", "a-b/x", "a.txt", "run.sh"]);
    const list = join(here, "list");
    await Deno.writeTextFile(list, "a.txt\r\n./a/deep\n\nmissing\n../here/list\n");
    const listed = await run("put", d, "--to", "listed", "--files-from", list, "--json");
    assert.deepEqual(listed.json.failures.map(({ name }: { name: string }) => name), [
      ...["listed/missing", "listed/../here/list"],
    ]);
    assert.equal(listed.exitCode, 3);
    assert.deepEqual(await tree(join(there, "listed")), ["a", "a.txt", "a/deep", "a/deep/y"]);
    const back = await run("get", "-r", "d", "-o", join(here, "l"), "--files-from", list, "--json");
    assert.deepEqual(await tree(join(here, "l")), ["a.txt"]);
    assert.equal(back.json.failures.length, 3);
    await Deno.writeTextFile(list, "./a.txt\0a/deep\0"); // as find -print0 does
    succeeded(await run("put", d, "--to", "zeros", "--files-from", list));
    assert.deepEqual(await tree(join(there, "zeros")), ["a", "a.txt", "a/deep", "a/deep/y"]);
  });
});

Deno.test("--delete removes what is not at the other end, after all is copied, and with care", async () => {
  await withTree(async ({ run, here, there }) => {
    const d = join(here, "d");
    const back = join(here, "back");
    succeeded(await run("put", d));
    succeeded(await run("get", "-r", "d", "-o", back));
    // Gone here: a file, one in a directory that stays, all of a directory, and an empty directory.
    await Deno.remove(join(d, "a.txt"));
    await Deno.remove(join(d, "a/deep/y"));
    await Deno.remove(join(d, "b"), { recursive: true });
    await Deno.remove(join(d, "none"), { recursive: true });
    const left = ["a", "a-b", "a-b/x", "a/deep", "a/empty", "a/z.log", "run.sh"];
    const put = ["put", d, "--update", "--delete"];
    const get = ["get", "-r", "d", "-o", back, "--update", "--delete"];

    const dry = succeeded(await run(...put, "--dry-run"));
    assert.deepEqual(dry.match(/^.*(?=: would be removed)/gm), [
      ...["d/a.txt", "d/a/deep/y", "d/b/c.txt", "d/none/none"],
    ]);
    assert.equal((await run(...put, "--max-delete", "3")).exitCode, 6);
    assert.deepEqual(await tree(join(there, "d")), TREE);
    succeeded(await run(...put, "--exclude", "*.txt", "--exclude", "none"));
    assert.deepEqual(await tree(join(there, "d")), TREE.filter((name) => name !== "a/deep/y"));
    succeeded(await run(...put, "--max-delete", "3"));
    assert.deepEqual(await tree(join(there, "d")), left);

    await Deno.writeTextFile(join(back, ".a.5-5.msquicd-part"), "part");
    const dryHere = succeeded(await run(...get, "--dry-run"));
    assert.equal(dryHere.match(/: would be removed$/gm)?.length, 4);
    succeeded(await run(...get));
    assert.deepEqual(await tree(back), [".a.5-5.msquicd-part", ...left]);

    for (const [name, words] of [["empty", put], ["d", get]] as const) {
      if (name === "d") succeeded(await run("rm", "-r", "d"));
      else await Deno.mkdir(join(here, "empty/d"), { recursive: true });
      const [command, , ...rest] = words;
      const all = name === "d" ? words : [command!, join(here, "empty/d"), ...rest];
      const refused = await run(...all);
      assert.notEqual(refused.exitCode, 0, refused.stdout);
    }
    assert.equal((await run("put", join(d, "run.sh"), "--delete")).exitCode, 2);
    assert.equal((await run("put", join(d, "run.sh"), join(d, "none"), "--delete")).exitCode, 2);
    assert.equal((await run(...put, join(d, "missing"))).exitCode, 3);
    assert.equal((await run("get", "d", "--delete")).exitCode, 2);
    assert.equal((await run(...put, "--files-from", "x")).exitCode, 2);
    assert.ok((await tree(back)).length > 5);
  });
});

Deno.test({
  name: "--delete keeps what a link stands for at the other end, and a link itself",
  ignore: !POSIX,
  async fn() {
    await withTree(async ({ run, here, there }) => {
      const d = join(here, "d");
      const back = join(here, "back");
      succeeded(await run("put", d));
      succeeded(await run("get", "-r", "d", "-o", back));
      await Deno.rename(join(d, "b"), join(here, "moved"));
      await Deno.symlink("../moved", join(d, "b"));
      await Deno.remove(join(d, "a.txt"));
      await Deno.symlink("run.sh", join(d, "a.txt"));
      assert.doesNotMatch(succeeded(await run("put", d, "--update", "--delete")), /removed/);
      assert.deepEqual(await tree(join(there, "d")), TREE);

      await Deno.symlink("run.sh", join(back, "own"));
      succeeded(await run("get", "-r", "d", "-o", back, "--update", "--delete"));
      assert.deepEqual(await tree(back), [...TREE.slice(0, 12), "own", "run.sh"]);
    });
  },
});

Deno.test("get -r --delete keeps an empty directory that the server has with what is excluded", async () => {
  await withTree(async ({ run, here, there }) => {
    succeeded(await run("put", join(here, "d")));
    const back = join(here, "back");
    await writeFile(join(there, "d/a/deep/x.tmp"), "excluded");
    await Deno.remove(join(there, "d/a/deep/y"));
    await Deno.mkdir(join(back, "a/deep"), { recursive: true });
    await Deno.mkdir(join(back, "gone"));
    succeeded(
      await run("get", "-r", "d", "-o", back, "--update", "--delete", "--exclude", "*.tmp"),
    );
    assert.deepEqual(await tree(back), TREE.filter((name) => name !== "a/deep/y"));
  });
});

Deno.test({
  name: "put --delete removes nothing if the server cannot read one of its directories",
  ignore: !mayBeNobody,
  async fn() {
    await withTree(async ({ run, here, there, bench }) => {
      const d = join(here, "d");
      succeeded(await run("put", d));
      await writeFile(join(there, "d/extra"), "extra");
      await giveToNobody(bench.directory);
      await Deno.chmod(join(there, "d/b"), 0);
      const words = ["put", d, "--overwrite", "always", "--delete", "--exclude", "b"];
      const ended = await asNobody(() => run(...words));
      assert.equal(ended.exitCode, 6, ended.stdout + ended.stderr);
      assert.match(ended.stderr, /Nothing is removed, as the server cannot read all it has/);
      assert.equal(await Deno.readTextFile(join(there, "d/extra")), "extra");
    });
  },
});

Deno.test({
  name: "get -r never writes outside of its directory, whatever links are there",
  ignore: !POSIX, // making a link takes a privilege there
  async fn() {
    await withTree(async ({ run, here }) => {
      succeeded(await run("put", join(here, "d")));
      const back = join(here, "back");
      await Deno.mkdir(back);
      await Deno.mkdir(join(here, "elsewhere"));
      await Deno.symlink("../elsewhere", join(back, "a"));
      await Deno.symlink("../elsewhere/file", join(back, "a.txt"));
      const ended = await run("get", "-r", "d", "-o", back, "--overwrite", "always", "--json");
      assert.equal(ended.exitCode, 4);
      assert.deepEqual(ended.json.failures.map(({ name }: { name: string }) => name).sort(), [
        ...["d/a.txt", "d/a/deep/y", "d/a/empty", "d/a/z.log"],
      ]);
      assert.deepEqual(await tree(join(here, "elsewhere")), []);
      assert.equal(await Deno.readTextFile(join(back, "b/c.txt")), "b/c.txt");
    });
  },
});

Deno.test({
  name: "One file that cannot be read is named, and counted, and nothing is deleted then",
  ignore: !POSIX,
  async fn() {
    await withTree(async ({ run, here, there }) => {
      const d = join(here, "d");
      await writeFile(join(there, "d/extra"), "extra");
      await Deno.writeTextFile(join(d, "a:b"), "");
      const ended = await run("put", d, "--update", "--delete");
      assert.equal(ended.exitCode, 2);
      assert.match(ended.stderr, /"d\/a:b" as a file name/);
      assert.match(ended.stderr, /8 of 9 done, 1 failed/);
      assert.equal(await Deno.readTextFile(join(there, "d/extra")), "extra");
    });
  },
});

Deno.test("Names of nearly 255 bytes go both ways, and those that differ in case only stay two", async () => {
  await withTree(async ({ run, here, bench }) => {
    const long = `${"ä".repeat(127)}x`;
    const names = [long, "Case", "case", "e\u0301", "\u00e9"];
    for (const name of names) await writeFile(join(here, "n", long, name), name);
    const kept = await tree(join(here, "n"));
    succeeded(await run("put", join(here, "n")));
    succeeded(await run("get", "-r", "n", "-o", join(bench.directory, "m")));
    assert.deepEqual(await tree(join(bench.directory, "m")), kept);
  });
});
