import { mayMountOdd, mountOdd, type Oddity } from "../../../fixtures/odd_disk.ts";
import { testStorage } from "./contract.ts";
import { diskSubject } from "./disk_subject.ts";
import type { Traits } from "./subject.ts";

function testOdd(kind: string, oddities: readonly Oddity[], traits: Traits = {}): void {
  testStorage(kind, async () => await diskSubject(await mountOdd(oddities)), {
    ...traits,
    ignore: !mayMountOdd,
  });
}

testOdd("a disk that ignores case and form", ["fold", "normalize"], {
  foldsCase: true,
  foldsForms: true,
});
testOdd("a disk without hard links", ["no-links", "coarse-times"], { timeStepMs: 2000 });
// As FAT on an old kernel, or a network's disk without a lock manager.
testOdd(
  "a disk that lacks most",
  ["fold", "no-links", "no-rename-flags", "no-locks", "no-attributes", "no-allocate", "no-modes"],
  { foldsCase: true, forgets: true, notesNothing: true, hasNoModes: true },
);
