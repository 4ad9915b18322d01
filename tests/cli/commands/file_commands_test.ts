import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { attributeName, setAttribute } from "../../../ffi/files/extended_attribute_linux.ts";
import { InterruptedError } from "../../../cli/errors.ts";
import { withServer } from "../../fixtures/server.ts";
import { tree, writeFile } from "../../transfer/temporary.ts";
import { commandLineFor } from "../command_line.ts";

/** What is in a storage, but for what is the server's own. */
async function stored(directory: string): Promise<string[]> {
  const names = await tree(join(directory, "storage"));
  return names.filter((name) => !name.startsWith(".msquicd"));
}

Deno.test("mkdir, ls, du, sum, mv and rm -r work on what a server has", async () => {
  await withServer(async (bench) => {
    const run = commandLineFor(bench);
    const { directory } = bench;
    for (const name of ["foo/a.txt", "foo/b/c.jpg", "foobar", "x.jpg"]) {
      await writeFile(join(directory, "storage", name), name);
    }

    assert.equal((await run("mkdir", "foo/empty/", "new")).stdout, "made foo/empty/\nmade new/\n");
    const again = await run("mkdir", "new", "x.jpg", "--json");
    assert.equal(again.exitCode, 6);
    assert.deepEqual(again.json.results, [{ name: "new", made: false }]);

    const names = async (...words: string[]) => {
      const { exitCode, json } = await run("ls", "--json", ...words);
      assert.equal(exitCode, 0);
      return json.map(({ name, directory }: { name: string; directory?: true }) =>
        directory ? `${name}/` : name
      );
    };
    assert.deepEqual(await names(), ["foo/", "foobar", "new/", "x.jpg"]);
    assert.deepEqual(await names("foo"), ["foo/", "foobar"]);
    assert.deepEqual(await names("foo/"), ["foo/a.txt", "foo/b/", "foo/empty/"]);
    assert.deepEqual(await names("-r", "foo/"), ["foo/a.txt", "foo/b/c.jpg", "foo/empty/"]);
    assert.deepEqual(await names("*.jpg"), ["x.jpg"]);
    assert.deepEqual(await names("**.jpg"), ["foo/b/c.jpg", "x.jpg"]);
    assert.deepEqual(await names("foo/*/c.???"), ["foo/b/c.jpg"]);
    const long = await run("ls", "-l");
    assert.match(long.stdout, /^d[rwx?-]{9} +- .* foo\/$/m);
    assert.match(long.stdout, /^-[rwx?-]{9} +6 .* foobar$/m);

    assert.deepEqual((await run("du", "--json")).json, {
      prefix: "",
      files: 4,
      bytes: 31,
      directories: [{ name: "foo", files: 2, bytes: 20 }],
    });
    assert.match((await run("du", "foo")).stdout, /26 B +3 files {2}in all, foo…\n$/);

    const sha256 = createHash("sha256").update("foobar").digest("hex");
    assert.equal((await run("sum", "foobar")).stdout, `${sha256}  foobar\n`);
    const none = await run("sum", "foobar", "*.png", "--json");
    assert.deepEqual([none.exitCode, none.json.error.code], [3, "not-found"]);

    assert.equal((await run("mv", "foo", "foobar")).exitCode, 6);
    assert.equal((await run("mv", "foobar", "new/")).stdout, "foobar -> new/foobar\n");
    assert.equal((await run("mv", "x.jpg", "new/foobar")).exitCode, 6);
    assert.equal((await run("mv", "x.jpg", "new/foobar", "--overwrite", "always")).exitCode, 0);
    assert.equal((await run("mv", "new", "top/newer")).exitCode, 0);
    assert.deepEqual(await names("-r", "top"), ["top/newer/foobar"]);
  });
});

Deno.test("rm -r removes whole names, and everything only if that is said", async () => {
  await withServer(async (bench) => {
    const run = commandLineFor(bench);
    const { directory } = bench;
    const files = ["foo/a", "foo/b/c", "foo/b/d", "foobar", "foobaz/x", "logs/1.gz", "logs/2.log"];
    for (const name of files) await writeFile(join(directory, "storage", name), name);
    await run("mkdir", "foo/empty/deep");

    for (const name of ["/", ".", "./", "..", "//"]) {
      const refused = await run("rm", "-r", name);
      assert.equal(refused.exitCode, 2, name);
      assert.match(refused.stderr, /rm -r --everything/);
    }
    assert.equal((await run("rm", "--everything")).exitCode, 2);
    assert.equal((await run("rm", "-r", "foo", "--everything")).exitCode, 2);
    assert.equal((await run("rm")).exitCode, 2);
    assert.equal((await run("rm", "foo")).exitCode, 6);
    assert.equal((await run("rm", "-r", "fo")).exitCode, 3);
    assert.equal((await stored(directory)).length, 13);

    const dry = await run("rm", "-r", "foo", "--dry-run");
    assert.equal(dry.stdout, "would remove foo: 3 files, 1 empty directory\n");
    assert.equal(
      (await run("rm", "-r", "foo/")).stdout,
      "removed foo: 3 files, 1 empty directory\n",
    );
    assert.equal((await run("rm", "logs/*.gz")).stdout, "removed logs/1.gz\n");
    const rest = ["foobar", "foobaz", "foobaz/x", "logs", "logs/2.log"];
    assert.deepEqual(await stored(directory), rest);

    const all = await run("rm", "-r", "--everything", "--json");
    assert.deepEqual(all.json, [{ name: "", files: 3, directories: 0 }]);
    assert.deepEqual(await stored(directory), []);
  });
});

/** Whether files of a test can have something noted with them. */
function keepsNotes(): boolean {
  if (Deno.build.os !== "linux") return false;
  const path = Deno.makeTempFileSync();
  try {
    return setAttribute(path, attributeName("user.msquicd.test"), new Uint8Array(48));
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test({
  name:
    "verify tells files that are damaged, or not known, from those that are as they were stored",
  ignore: !keepsNotes(),
  async fn() {
    await withServer(async (bench) => {
      const run = commandLineFor(bench);
      const here = join(bench.directory, "d");
      const sizes = { small: 10, large: 9_000_000, readonly: 20, "deep/a": 30, empty: 0 };
      for (const [name, size] of Object.entries(sizes)) {
        await writeFile(join(here, name), new Uint8Array(size).fill(7));
      }
      await Deno.chmod(join(here, "readonly"), 0o444);
      assert.equal((await run("put", here)).exitCode, 0);
      const all = await run("verify", "-r", "--json");
      assert.equal(all.exitCode, 0, all.stdout);
      assert.deepEqual(
        all.json.map(({ name, state }: { name: string; state: string }) => [name, state]),
        [
          ...["d/deep/a", "d/empty", "d/large", "d/readonly", "d/small"].map((
            name,
          ) => [name, "ok"]),
        ],
      );
      assert.equal((await run("mv", "d/deep/a", "e/b")).exitCode, 0);
      assert.equal((await run("verify", "e/b", "d/*")).exitCode, 0);

      const damage = async (name: string, at: number) => {
        const path = join(bench.directory, "storage", name);
        const { mtime } = await Deno.stat(path);
        using file = await Deno.open(path, { write: true });
        await file.seek(at, Deno.SeekMode.Start);
        await file.write(new Uint8Array([8]));
        await file.utime(mtime!, mtime!);
      };
      await damage("d/large", 1_000_000);
      const damaged = await run("verify", "-r", "d", "--json");
      assert.equal(damaged.exitCode, 1);
      assert.deepEqual(
        damaged.json.failures.map(({ name, code }: { name: string; code: string }) => [name, code]),
        [
          ["d/large", "hash-mismatch"],
        ],
      );
      const back = join(bench.directory, "back");
      const before = await tree(bench.directory);
      for (const streams of ["1", "2"]) {
        const got = await run("get", "d/large", "-o", back, "--streams", streams, "--json");
        assert.deepEqual([got.exitCode, got.json.error.code], [1, "damaged"]);
        // What was fetched is as wrong as what is there: nothing is kept to go on with.
        assert.deepEqual(await tree(bench.directory), before);
      }
      // A small one among others costs itself alone.
      await damage("e/b", 3);
      const some = await run("get", "-r", "/", "-o", join(bench.directory, "all"), "--json");
      assert.deepEqual(
        some.json.failures.map(({ name, code }: { name: string; code: string }) => [name, code]),
        [["d/large", "damaged"], ["e/b", "damaged"]],
      );
      const fetched = Array.from(
        Deno.readDirSync(join(bench.directory, "all/d")),
        ({ name }) => name,
      );
      assert.deepEqual(fetched.sort(), ["empty", "readonly", "small"]);
      // Whoever touches it says that it is right as it is.
      await Deno.utime(join(bench.directory, "storage/d/large"), 1, 1);
      assert.equal((await run("get", "d/large", "-o", back)).exitCode, 0);
      assert.equal((await Deno.readFile(back))[1_000_000], 8);
      await Deno.writeTextFile(join(bench.directory, "storage/d/small"), "otherwise");
      const unknown = await run("verify", "d/small", "--json");
      assert.deepEqual([unknown.exitCode, unknown.json.error.code], [1, "hash-unknown"]);
      assert.equal(
        (await run("verify", "d/small", "--allow-unknown")).stdout,
        "unknown  d/small\n",
      );
      assert.equal((await run("verify")).exitCode, 2);
      assert.equal((await run("verify", "none")).exitCode, 3);
    });
  },
});

Deno.test({
  name: "put and get of a pipe whose other end nobody opens can be interrupted",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await withServer(async (bench) => {
      const pipe = join(bench.directory, "pipe");
      assert.ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
      await writeFile(join(bench.directory, "storage/a"), "a");
      await writeFile(join(bench.directory, "storage/empty"), "");
      const dry = await commandLineFor(bench)("put", pipe, "--to", "empty", "--dry-run", "--json");
      assert.deepEqual([dry.exitCode, dry.json.error?.code], [6, "file-exists"]);
      for (const words of [["put", pipe, "--to", "b"], ["get", "a", "-o", pipe]]) {
        const stop = new AbortController();
        const running = commandLineFor(bench, stop.signal)(...words);
        const timer = setTimeout(() => stop.abort(new InterruptedError()), 300);
        assert.equal((await running).exitCode, 130, words.join(" "));
        clearTimeout(timer);
        // Nor does anybody still wait at it, who would take what somebody writes to it later.
        const { O_NONBLOCK, O_WRONLY } = constants;
        await assert.rejects(open(pipe, O_NONBLOCK | O_WRONLY), { code: "ENXIO" });
      }
    });
  },
});

Deno.test("put and get say which way standard input and output are used", async () => {
  await withServer(async (bench) => {
    const msquicd = commandLineFor(bench);
    for (const words of [["put", "-"], ["put", "-", "--to", "dir/"], ["put", "a", "/dev/stdin"]]) {
      const { exitCode, stderr } = await msquicd(...words);
      assert.equal(exitCode, 2);
      assert.match(stderr, /Standard input has no name of its own: copy it alone, with --to NAME/);
    }
    const update = await msquicd("put", "-", "--to", "x", "--update");
    assert.equal(update.exitCode, 2);
    assert.match(update.stderr, /--update does not go with "-", .*: leave it out/);
    for (const how of [["--checksum"], ["--overwrite", "newer"], ["--streams", "4"]]) {
      assert.equal((await msquicd("get", "a", "-o", "-", ...how)).exitCode, 2, how.join(" "));
    }
    await writeFile(join(bench.directory, "storage/a"), "a");
    const dry = await msquicd("get", "a", "-o", "-", "--dry-run");
    assert.match(dry.stderr, /a -> -: would be copied, 1 B/);
    const both = await msquicd("get", "a", "-o", "-", "--json");
    assert.deepEqual([both.exitCode, both.json.error.code], [2, "usage"]);
    if (Deno.build.os !== "linux") return;
    const device = await msquicd("put", "/dev/zero");
    assert.equal(device.exitCode, 1);
    assert.match(device.stderr, /"\/dev\/zero": it is not a regular file/);
  });
});
