import assert from "node:assert/strict";
import { join } from "node:path";
import { allocateFile, diskSpace, isInMemory } from "../../../ffi/mod.ts";
import "../../fixtures/loaded_libc.ts";

const MIB = 1024 * 1024;

Deno.test({
  name: "allocateFile() reserves room behind what is there, which stays as it is",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "msquicd-allocate-" });
    try {
      const path = join(directory, "file");
      await Deno.writeTextFile(path, "there");
      const outcome = await allocateFile(path, 3 * MIB);
      if (outcome === "unsupported") return; // of this file system
      assert.equal(outcome, "done");
      const { size, blocks } = await Deno.stat(path);
      assert.equal(size, 5);
      assert.ok((blocks ?? 0) * 512 >= 3 * MIB, `${blocks}`);
      assert.equal(await Deno.readTextFile(path), "there");
      assert.match(await allocateFile(path, Number.MAX_SAFE_INTEGER), /^(?:too-large|full)$/);
      await Deno.truncate(path, 5);
      assert.ok((await Deno.stat(path)).blocks! * 512 < MIB);
      await assert.rejects(allocateFile(join(directory, "none"), MIB), { code: "ENOENT" });
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

Deno.test("diskSpace() tells what there is on a disk, and nothing of none", () => {
  const space = diskSpace(Deno.cwd());
  assert.ok(space !== undefined && space.total > 0 && space.free <= space.total);
  assert.equal(diskSpace("/nonexistent/nowhere"), undefined);
});

Deno.test({
  name: "isInMemory() tells what no flush keeps from what is on a disk, or nowhere",
  ignore: Deno.build.os !== "linux",
  fn() {
    const mounts = Deno.readTextFileSync("/proc/mounts").split("\n").map((line) => line.split(" "));
    const types = new Map(mounts.map(([, path = "", type = ""]) => [path, type]));
    for (const path of ["/", "/dev/shm", "/proc", "/sys"]) {
      const type = types.get(path);
      if (type === undefined) continue;
      assert.equal(isInMemory(path), type === "tmpfs" || type === "ramfs", `${path}: ${type}`);
    }
    assert.equal(isInMemory("/nonexistent/nowhere"), false);
  },
});
