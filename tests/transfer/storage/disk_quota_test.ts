import assert from "node:assert/strict";
import type { FileStorage } from "../../../transfer/mod.ts";
import { NoSpaceError, spaceError } from "../../../transfer/errors.ts";
import { mayMount, mountFile } from "../../fixtures/mounts.ts";
import { mayMountOdd, mountOdd } from "../../fixtures/odd_disk.ts";
import { temporaryDirectory } from "../temporary.ts";
import { diskSubject } from "./contract/disk_subject.ts";
import { get, MIB, newId, put, random, sha256, write } from "./contract/subject.ts";

const QUOTA = 5_000_000;

/** The code of the refusal of a file that is too large for what is left. */
async function refusalOf(files: FileStorage, name: string, id?: string): Promise<string> {
  using target = files.target(name);
  const request = { name, size: 8 * MIB };
  await using incoming = await target.begin(id === undefined ? request : { ...request, id });
  let refusal: { code?: string } = {};
  await assert.rejects(incoming.reserve(), (error: { code: string }) => {
    refusal = error;
    return true;
  });
  await incoming.dropAfter(refusal);
  return refusal.code ?? "";
}

Deno.test({
  name: "A file that is beyond the quota of a disk is refused before its first byte",
  ignore: !mayMountOdd,
  async fn() {
    await using subject = await diskSubject(await mountOdd([`quota=${QUOTA}`]));
    const { files } = subject;
    assert.equal(await refusalOf(files, "a"), "no-space");
    assert.equal(await refusalOf(files, "a", newId()), "no-space");
    assert.deepEqual(await subject.leftovers(), []);
    const bytes = random(4 * MIB);
    await put(files, "a", bytes);
    assert.equal(sha256(await get(files, "a")), sha256(bytes));
  },
});

Deno.test({
  name:
    "A file that is beyond the quota of a disk inside of the root is refused before its first byte",
  ignore: !mayMount || !mayMountOdd,
  async fn() {
    await using subject = await diskSubject(await temporaryDirectory());
    await using disk = await mountOdd([`quota=${QUOTA}`]);
    const path = `${subject.root.path}/mnt`;
    await Deno.mkdir(path);
    await using mount = await mountFile(disk.path, path);
    assert.ok(mount !== undefined);
    assert.equal(await refusalOf(subject.files, "mnt/a/b"), "no-space");
    assert.deepEqual(await subject.leftovers(), []);
    await put(subject.files, "mnt/a/b", random(4 * MIB));
  },
});

Deno.test({
  name:
    "A quota of a disk that reserves nothing ends an upload as it is reached, and nothing is left",
  ignore: !mayMountOdd,
  async fn() {
    const disk = await mountOdd([`quota=${QUOTA}`, "no-allocate"]);
    await using subject = await diskSubject(disk);
    const { files } = subject;
    const request = { name: "a", size: 8 * MIB, id: newId() };
    {
      using target = files.target("a");
      await using incoming = await target.begin(request);
      using _room = await incoming.reserve();
      await assert.rejects(write(incoming.file, random(8 * MIB)), (error: unknown) => {
        assert.ok(spaceError(error, "") instanceof NoSpaceError);
        return true;
      });
      await incoming.dropAfter(new NoSpaceError("full"));
    }
    assert.deepEqual(await subject.leftovers(), []);
    await put(files, "a", random(4 * MIB));
    const small = put(files, "b", random(MIB - 1), {}, "now");
    await assert.rejects(small, (error: unknown) => spaceError(error, "") instanceof NoSpaceError);
  },
});

Deno.test({
  name: "A name that is longer than a disk takes is refused before the first byte",
  ignore: !mayMountOdd,
  async fn() {
    await using subject = await diskSubject(await mountOdd(["name-max=143"]));
    const { files } = subject;
    for (const name of ["x".repeat(144), `${"x".repeat(144)}/a`, `a/${"é".repeat(72)}`]) {
      using target = files.target(name);
      await assert.rejects(target.find({ name, size: 1 }), { code: "file-failed" }, name);
      await assert.rejects(async () => await files.makeDirectory(name), { code: "file-failed" });
    }
    await put(files, `a/${"é".repeat(71)}`, random(5));
    assert.deepEqual(await subject.leftovers(), []);
  },
});
