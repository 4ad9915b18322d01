import assert from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../../base/mod.ts";
import { LocalTarget } from "../../../cli/files/local_target.ts";
import { temporaryDirectory, writeFile } from "../../transfer/temporary.ts";
import "../../fixtures/loaded_libc.ts";

Deno.test("LocalTarget leaves nothing behind to find out what its disk takes for the same", async () => {
  await using directory = await temporaryDirectory();
  const target = await LocalTarget.open(join(directory.path, "new/deep"));
  target.check("a/b");
  assert.deepEqual(Array.from(Deno.readDirSync(directory.path)), []);
});

Deno.test("LocalTarget refuses the second of two names that its disk takes for one", async () => {
  await using directory = await temporaryDirectory();
  const target = await LocalTarget.open(directory.path, true);
  for (const name of ["Dir/a", "Dir/b", "stra\u00dfe", "\u00e9"]) target.check(name);
  target.check("Dir/a");
  for (const name of ["DIR/c", "dir/a", "Dir/A", "E\u0301"]) {
    assert.throws(() => target.check(name), { code: "file-exists" }, name);
  }
  const other = await LocalTarget.open(directory.path, false);
  for (const name of ["a", "A", "e\u0301", "\u00e9"]) await other.check(name);
});

Deno.test("LocalTarget goes through no file", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "file"), "");
  const target = await LocalTarget.open(directory.path);
  assert.throws(() => target.check("file/a"), { code: "not-a-directory" });
});

Deno.test({
  name: "LocalTarget notices a link also where a moment ago nothing was",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using directory = await temporaryDirectory();
    const target = await LocalTarget.open(directory.path, false);
    target.check("new/a");
    target.check("new/b");
    await Deno.mkdir(join(directory.path, "elsewhere"));
    await Deno.symlink("elsewhere", join(directory.path, "new"));
    await delay(50);
    assert.throws(() => target.check("new/c"), { code: "symbolic-link" });
  },
});
