import assert from "node:assert/strict";
import { probeDisk } from "../../../transfer/storage/disk_probe.ts";
import { whatLacks } from "../../../transfer/storage/disk_traits.ts";
import { holdDirectory } from "../../../transfer/storage/hold_directory.ts";
import { mayMount, mountMemory } from "../../fixtures/mounts.ts";
import { mayMountOdd, mountOdd, type Oddity } from "../../fixtures/odd_disk.ts";
import { temporaryDirectory } from "../temporary.ts";

const ALL = {
  ...{ links: true, renamesNew: true, locks: true, attributes: true, allocates: true, modes: true },
  ...{ tellsCase: true, tellsForms: true, unicode: true, nameBytes: 255, timeStepMs: 1 },
};

function probe(path: string) {
  using own = holdDirectory(path);
  const traits = probeDisk(own);
  assert.deepEqual(Array.from(Deno.readDirSync(path)), [], "it leaves nothing");
  return traits;
}

Deno.test({
  name: "probeDisk() finds that a disk of Linux's own can do everything, and leaves nothing",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using directory = await temporaryDirectory();
    const traits = probe(directory.path);
    assert.deepEqual(traits, ALL);
    assert.deepEqual(whatLacks(ALL), []);
  },
});

Deno.test("probeDisk() removes what one has left that was killed, and nothing of one under way", async () => {
  await using directory = await temporaryDirectory();
  const [old, late] = [Date.now() - 3_600_000, Date.now()].map((time) => `probe-${time}-x`);
  for (const name of [old, late, "probe-x"]) {
    Deno.writeTextFileSync(`${directory.path}/${name}`, "");
  }
  using own = holdDirectory(directory.path);
  probeDisk(own);
  assert.deepEqual(Array.from(Deno.readDirSync(directory.path), ({ name }) => name).sort(), [
    late,
    "probe-x",
  ]);
});

Deno.test({
  name: "probeDisk() finds each thing that a disk lacks",
  ignore: !mayMountOdd,
  async fn() {
    const cases: readonly [Oddity, Partial<typeof ALL>, RegExp | undefined][] = [
      ["fold", { tellsCase: false }, /differ in case only/],
      ["normalize", { tellsForms: false }, /how letters are composed/],
      ["no-links", { links: false }, undefined],
      ["no-rename-flags", { renamesNew: false }, undefined],
      ["no-locks", { locks: false }, /begin again/],
      ["no-attributes", { attributes: false }, /verify/],
      ["no-allocate", { allocates: false }, /not reserved/],
      ["no-modes", { modes: false }, /execute/],
      ["coarse-times", { timeStepMs: 2000 }, /2 s/],
      ["name-max=143", { nameBytes: 143 }, /143 bytes/],
      ["quota=0", {}, undefined],
    ];
    for (const [oddity, lacks, told] of cases) {
      await using disk = await mountOdd([oddity]);
      const traits = probe(disk.path);
      assert.deepEqual(traits, { ...ALL, ...lacks }, oddity);
      const lines = whatLacks({ ...ALL, ...lacks });
      if (told === undefined) assert.deepEqual(lines, []);
      else assert.match(lines.join(), told);
    }
    const neither = whatLacks({ ...ALL, links: false, renamesNew: false });
    assert.match(neither.join(), /empty file for a moment/);
  },
});

Deno.test({
  name: "probeDisk() leaves a disk alone that is full",
  ignore: !mayMount,
  async fn() {
    await using directory = await temporaryDirectory();
    await using disk = await mountMemory(`${directory.path}/disk`, "size=64k,nr_inodes=1");
    if (disk === undefined) return;
    assert.equal(probe(`${directory.path}/disk`), undefined);
  },
});
