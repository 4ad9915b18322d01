import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
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
