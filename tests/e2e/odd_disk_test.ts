import assert from "node:assert/strict";
import { join } from "node:path";
import { mayMountOdd, mountOdd } from "../fixtures/odd_disk.ts";
import { names, Site } from "./harness.ts";

/** Of 255 bytes. */
const BIG = `${"é".repeat(127)}b`;
const LONG = [`${"a".repeat(255)}`, "€".repeat(85), `${"😀".repeat(63)}abc`];

Deno.test({
  name: "msquicd start: a disk that lacks most is told of, and files go there and back",
  ignore: !mayMountOdd,
  async fn() {
    await using disk = await mountOdd([
      ...["fold", "no-links", "no-rename-flags", "no-locks"] as const,
      ...["no-attributes", "no-allocate", "no-modes"] as const,
    ]);
    await using site = await Site.create(2);
    const root = join(disk.path, "storage");
    await Deno.mkdir(root);
    await Deno.symlink(root, site.root);
    const manager = await site.start();
    const told = manager.stderr.match(/^.*Disk of the storage.*$/gm);
    assert.equal(told?.length, 1, manager.stderr);
    for (const lack of ["begin again", "verify does not know", "differ in case", "empty file"]) {
      assert.ok(told[0].includes(lack), told[0]);
    }

    const tree = site.path("tree");
    await Deno.mkdir(join(tree, "sub"), { recursive: true });
    const bytes = new Uint8Array(3 * 1024 * 1024).fill(7);
    await Deno.writeFile(join(tree, BIG), bytes);
    for (const name of ["small", ...LONG]) await Deno.writeTextFile(join(tree, "sub", name), name);
    const put = await site.run("put", tree);
    assert.equal(put.code, 0, put.stderr);
    const got = await site.run("get", "-r", "tree", "-o", site.path("back"));
    assert.equal(got.code, 0, got.stderr);
    assert.deepEqual(names(site.path("back", "sub")).sort(), names(join(tree, "sub")).sort());
    assert.deepEqual(await Deno.readFile(site.path("back", BIG)), bytes);
    for (const name of LONG) {
      assert.equal(await Deno.readTextFile(site.path("back", "sub", name)), name);
    }

    await Deno.writeTextFile(site.path("other"), "another one");
    for (const way of [[], ["--overwrite", "always"]]) {
      const refused = await site.run(
        "put",
        site.path("other"),
        "--to",
        `TREE/${BIG.toUpperCase()}`,
        ...way,
      );
      assert.equal(refused.code, 6, refused.stdout + refused.stderr);
    }
    assert.deepEqual(await site.json("uploads"), []);
    assert.deepEqual(names(join(root, ".msquicd", "uploads")), []);
    const removed = await site.run("rm", "-r", "tree");
    assert.equal(removed.code, 0, removed.stderr);
    assert.deepEqual(await site.json("ls", "-r"), []);
  },
});

Deno.test({
  name: "msquicd start: a disk that takes only short names is refused",
  ignore: !mayMountOdd,
  async fn() {
    await using disk = await mountOdd(["name-max=100"]);
    await using site = await Site.create(1);
    const start = await site.run("start", "--no-shell", "--root", join(disk.path, "storage"));
    assert.equal(start.code, 2);
    assert.match(start.stderr, /names of 100 bytes at most, and 128 are needed; choose .*--root/);
  },
});
