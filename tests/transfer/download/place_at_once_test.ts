import assert from "node:assert/strict";
import { join } from "node:path";
import { PlacedAtOnce } from "../../../transfer/mod.ts";
import { temporaryDirectory } from "../temporary.ts";

const bytes = new TextEncoder().encode("what it is to have");

Deno.test("PlacedAtOnce makes files with their times and modes, and the directories they are in", async () => {
  await using directory = await temporaryDirectory();
  using placed = new PlacedAtOnce();
  const names = ["a", "deep/er/a", "deep/er/b", "other/a"];
  for (const name of names) {
    const path = join(directory.path, name);
    assert.ok(placed.place(path, bytes, { mtime: 1_234_567_890_123, mode: 0o700 }));
    assert.deepEqual(await Deno.readFile(path), bytes);
    const { mtime, mode } = await Deno.stat(path);
    assert.equal(mtime?.getTime(), 1_234_567_890_123);
    if (Deno.build.os !== "windows") assert.equal((mode ?? 0) & 0o777, 0o700);
  }
  const found = await Array.fromAsync(Deno.readDir(join(directory.path, "deep", "er")));
  assert.deepEqual(found.map(({ name }) => name).sort(), ["a", "b"]);
});

Deno.test("PlacedAtOnce replaces only what it is to replace, and leaves nothing where it does not", async () => {
  await using directory = await temporaryDirectory();
  using placed = new PlacedAtOnce();
  const path = join(directory.path, "there");
  await Deno.writeTextFile(path, "before");
  assert.equal(placed.place(path, bytes, {}), false);
  assert.equal(placed.place(path, bytes, { overwrite: "newer" }), false);
  assert.equal(await Deno.readTextFile(path), "before");
  assert.ok(placed.place(path, bytes, { overwrite: "always" }));
  assert.deepEqual(await Deno.readFile(path), bytes);
  await Deno.mkdir(join(directory.path, "directory"));
  for (const overwrite of ["never", "always"] as const) {
    assert.equal(placed.place(join(directory.path, "directory"), bytes, { overwrite }), false);
    assert.equal(placed.place(join(path, "below"), bytes, { overwrite }), false);
  }
  const found = await Array.fromAsync(Deno.readDir(directory.path));
  assert.deepEqual(found.map(({ name }) => name).sort(), ["directory", "there"]);
});

Deno.test("PlacedAtOnce finds a directory again by its name once it has let go", async () => {
  await using directory = await temporaryDirectory();
  using placed = new PlacedAtOnce();
  const path = (name: string) => join(directory.path, name);
  assert.ok(placed.place(path("there/a"), bytes, {}));
  placed.letGo();
  await Deno.rename(path("there"), path("elsewhere"));
  assert.ok(placed.place(path("there/b"), bytes, {}));
  assert.deepEqual(await Deno.readFile(path("there/b")), bytes);
  const moved = await Array.fromAsync(Deno.readDir(path("elsewhere")));
  assert.deepEqual(moved.map(({ name }) => name), ["a"]);
});
