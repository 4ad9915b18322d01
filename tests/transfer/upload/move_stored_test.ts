import assert from "node:assert/strict";
import { join } from "node:path";
import { makeStored, moveStored, removeDirectory } from "../../../transfer/mod.ts";
import { OWN_TREE, temporaryStorage, tree, writeFile } from "../temporary.ts";

Deno.test("moveStored() moves a file, making and removing directories as needed", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  await writeFile(join(root.path, "a/b/c"), "content");
  await moveStored(root, { name: "a/b/c", to: "d/e" });
  assert.deepEqual(await tree(root.path), [...OWN_TREE, "d", "d/e"]);
  await moveStored(root, { name: "d/e", to: "d/e" });
  assert.equal(await Deno.readTextFile(join(root.path, "d/e")), "content");
});

Deno.test({
  name: "moveStored() moves a file in one step, also to a directory that is still to be made",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using storage = await temporaryStorage();
    const { root } = storage;
    await writeFile(join(root.path, "a"), "content");
    const { link } = Deno;
    // With a second name, others would see both for a moment, and a killed worker would leave both.
    let links = 0;
    Deno.link = (...paths) => (links++, link(...paths));
    try {
      await moveStored(root, { name: "a", to: "new/er/b" });
    } finally {
      Deno.link = link;
    }
    assert.equal(links, 0);
    assert.deepEqual(await tree(root.path), [...OWN_TREE, "new", "new/er", "new/er/b"]);
  },
});

Deno.test("moveStored() replaces a file only if it is told to, and a directory never", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const path = (name: string) => join(root.path, name);
  for (const name of ["a", "b", "dir/x", "other/y"]) await writeFile(path(name), name);
  await Deno.utime(path("a"), 1000, 1000);
  await assert.rejects(moveStored(root, { name: "a", to: "b" }), { code: "file-exists" });
  const newer = { name: "a", to: "b", overwrite: "newer" } as const;
  await assert.rejects(moveStored(root, newer), { code: "not-newer" });
  for (const overwrite of ["never", "always"] as const) {
    const move = (name: string, to: string) => moveStored(root, { name, to, overwrite });
    await assert.rejects(move("a", "dir"), { code: "is-a-directory" });
    await assert.rejects(move("dir", "other"), { code: "file-exists" });
    await assert.rejects(move("dir", "b"), { code: "file-exists" });
    await assert.rejects(move("dir", "dir/below"), { code: "invalid-name" });
    await assert.rejects(move("a", "b/below"), { code: "not-a-directory" });
    await assert.rejects(move("dir", "b/below"), { code: "not-a-directory" });
    await assert.rejects(move("none", "c"), { code: "not-found" });
    await assert.rejects(move("a", "../c"), { code: "invalid-name" });
    await assert.rejects(move("a", ".msquicd/x"), { code: "invalid-name" });
  }
  const names = ["a", "b", "dir", "dir/x", "other", "other/y"];
  assert.deepEqual(await tree(root.path), [...OWN_TREE, ...names]);
  await moveStored(root, { name: "a", to: "b", overwrite: "always" });
  assert.equal(await Deno.readTextFile(path("b")), "a");
});

Deno.test("moveStored() moves a directory with all that is in it, if its names stay allowed", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  const long = `${"n".repeat(250)}/${"o".repeat(250)}/${"p".repeat(250)}`;
  await writeFile(join(root.path, "top/dir/x"), "x");
  await writeFile(join(root.path, `top/dir/${long}`), "long");
  const to = `${"q".repeat(250)}/new`;
  await assert.rejects(moveStored(root, { name: "top/dir", to: `${to}/${to}` }), {
    code: "invalid-name",
    message: /would be too long/,
  });
  await moveStored(root, { name: "top/dir", to: "new/dir" });
  const [first, second] = long.split("/");
  assert.deepEqual(await tree(root.path), [
    ...OWN_TREE,
    "new",
    "new/dir",
    `new/dir/${first}`,
    `new/dir/${first}/${second}`,
    `new/dir/${long}`,
    "new/dir/x",
  ]);
});

Deno.test({
  name: "moveStored() and makeStored() follow no symbolic link",
  ignore: Deno.build.os === "windows", // making a link takes a privilege there
  async fn() {
    await using storage = await temporaryStorage();
    const { root } = storage;
    await writeFile(join(root.path, "a"), "a");
    await Deno.mkdir(join(root.path, "../elsewhere"));
    await Deno.symlink("../elsewhere", join(root.path, "link"));
    for (const [name, to] of [["a", "link/a"], ["link", "b"], ["a", "link"]] as const) {
      await assert.rejects(moveStored(root, { name, to, overwrite: "always" }), {
        code: "symbolic-link",
      }, `${name} to ${to}`);
    }
    await assert.rejects(makeStored(root, "link/a"), { code: "symbolic-link" });
    assert.deepEqual(await tree(join(root.path, "../elsewhere")), []);
  },
});

Deno.test("makeStored() makes directories, and says whether they are new", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  assert.equal(await makeStored(root, "a/b/c"), true);
  assert.equal(await makeStored(root, "a/b/c"), false);
  await writeFile(join(root.path, "file"), "x");
  await assert.rejects(makeStored(root, "file"), { code: "file-exists" });
  await assert.rejects(makeStored(root, "file/below"), { code: "not-a-directory" });
  for (const name of ["", ".", "..", "/a", ".msquicd", `a${"/a".repeat(100)}`]) {
    await assert.rejects(makeStored(root, name), { code: "invalid-name" }, name);
  }
  assert.deepEqual(await tree(root.path), [...OWN_TREE, "a", "a/b", "a/b/c", "file"]);
});

Deno.test("removeDirectory() removes an empty directory, and nothing else", async () => {
  await using storage = await temporaryStorage();
  const { root } = storage;
  await makeStored(root, "a/b");
  await writeFile(join(root.path, "c/d"), "x");
  await assert.rejects(removeDirectory(root, "c"), { code: "not-empty" });
  await assert.rejects(removeDirectory(root, "c/d"), { code: "not-a-directory" });
  await assert.rejects(removeDirectory(root, "none"), { code: "not-found" });
  await removeDirectory(root, "a/b");
  assert.deepEqual(await tree(root.path), [...OWN_TREE, "c", "c/d"]);
});
