import assert from "node:assert/strict";
import { PathHold } from "../../../transfer/storage/path_hold.ts";
import { temporaryDirectory, writeFile } from "../temporary.ts";

const WAYS = {
  openBelow: (top: PathHold, path: string, wanted?: "directory") =>
    Promise.try(() => top.openBelow(path, wanted)),
  openBelowLater: (top: PathHold, path: string, wanted?: "directory") =>
    top.openBelowLater(path, wanted),
};

for (const [way, open] of Object.entries(WAYS)) {
  Deno.test({
    name: `PathHold.${way}() finds what is below, and refuses links and files on the way`,
    ignore: Deno.build.os === "windows", // making a link takes a privilege there
    async fn() {
      await using directory = await temporaryDirectory();
      const { path } = directory;
      await writeFile(`${path}/a/b/file`, "content");
      await Deno.symlink("a", `${path}/link`);
      const top = PathHold.directory(path);
      for (
        const [name, kind] of Object.entries({
          "a": "directory",
          "a/b/file": "file",
          "link": "link",
        })
      ) {
        const held = await open(top, name);
        assert.equal(held.path, `${path}/${name}`);
        assert.equal(held.stat().kind, kind);
      }
      assert.equal((await open(top, "a/b", "directory")).statEntry("file").size, 7);
      const refused: [string, string, "directory"?][] = [
        ["link/b", "ELOOP"],
        ["link", "ELOOP", "directory"],
        ["a/b/file/c", "ENOTDIR"],
        ["a/b/file", "ENOTDIR", "directory"],
        ["missing", "ENOENT"],
      ];
      for (const [name, code, wanted] of refused) {
        await assert.rejects(open(top, name, wanted), { code }, name);
      }
    },
  });
}
