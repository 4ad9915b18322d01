import assert from "node:assert/strict";
import { join } from "node:path";
import { sortChanges } from "../../../cli/files/changed_here.ts";
import { standingAt } from "../../../cli/files/standing.ts";
import { temporaryDirectory, writeFile } from "../../transfer/temporary.ts";

const POSIX = Deno.build.os !== "windows";

Deno.test("standingAt() says what is there, and takes nothing for gone that cannot be looked at", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await writeFile(join(path, "d/file"), "");
  for (
    const [name, standing] of [
      ["d", "directory"],
      ["d/file", "file"],
      ["d/none", undefined],
      ["none/x", undefined],
      ["d/file/x", undefined],
    ] as const
  ) {
    assert.equal(standingAt(path, name), standing, name);
  }
  const long = `d/${"x".repeat(POSIX ? 300 : 40_000)}`;
  assert.throws(() => standingAt(path, long), /^FileFailedError: Cannot look at/);
  assert.deepEqual(sortChanges(path, ["d/file", "d/none"]), {
    there: ["d/file"],
    gone: ["d/none"],
  });
  assert.equal(sortChanges(path, ["d/file", "d/none", long]), undefined);
  // A file where a directory was.
  assert.deepEqual(sortChanges(path, ["d/file", "d/file/x", "d/file/x/y"]), {
    there: ["d/file"],
    gone: ["d/file/x", "d/file/x/y"],
  });
});

Deno.test({
  name: "standingAt() follows no link, neither at the end of a name nor on the way",
  ignore: !POSIX, // making a link takes a privilege there
  async fn() {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    await writeFile(join(path, "elsewhere/x"), "");
    await writeFile(join(path, "top/file"), "");
    await Deno.symlink("../elsewhere", join(path, "top/link"));
    await Deno.symlink("nowhere", join(path, "top/dangling"));
    for (const name of ["link", "link/x", "link/none", "link/none/x", "dangling"]) {
      assert.equal(standingAt(join(path, "top"), name), "uncopied", name);
    }
    const { there, gone } = sortChanges(join(path, "top"), ["dangling", "file", "link", "link/x"])!;
    assert.deepEqual([there, gone], [["file"], []]);
    // Under another name, where a link leads to something in the tree.
    await writeFile(join(path, "top/d/e/f"), "");
    await Deno.symlink("../d", join(path, "top/d/up"));
    await Deno.symlink("d/e", join(path, "top/e"));
    await Deno.symlink(".", join(path, "top/self"));
    const names = ["d/up/e/f", "d/up/up/none", "e/f", "e/g", "self/file", "self/self/e/none/x"];
    assert.deepEqual(sortChanges(join(path, "top"), names), {
      there: ["d/e/f", "file"],
      gone: ["d/none", "d/e/g", "d/e/none/x"],
    });
  },
});
