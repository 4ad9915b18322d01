import { mayMount, mountFile, mountMemory } from "../../../fixtures/mounts.ts";
import { mayMountOdd, mountOdd, type Oddity } from "../../../fixtures/odd_disk.ts";
import { temporaryDirectory } from "../../temporary.ts";
import { BelowStorage } from "./below_storage.ts";
import { testStorage } from "./contract.ts";
import { diskSubject } from "./disk_subject.ts";
import type { Subject, Traits } from "./subject.ts";

/** A storage of which all files are on another disk, mounted on a directory of it. */
async function mounted(
  mount: (path: string, undo: AsyncDisposableStack) => Promise<unknown>,
): Promise<Subject> {
  await using undo = new AsyncDisposableStack();
  const subject = await diskSubject(undo.use(await temporaryDirectory()));
  const path = `${subject.root.path}/mnt`;
  await Deno.mkdir(path);
  if (await mount(path, undo) === undefined) throw new Error("Nothing could be mounted");
  const held = undo.move();
  return {
    files: new BelowStorage(subject.files, "mnt"),
    others: new BelowStorage(subject.others, "mnt"),
    leftovers: () => subject.leftovers(),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

testStorage(
  "a disk in memory, mounted inside of the root",
  () => mounted(async (path, undo) => undo.use(await mountMemory(path, "size=64m"))),
  { ignore: !mayMount },
);

function testOdd(kind: string, oddities: readonly Oddity[], traits: Traits): void {
  testStorage(
    kind,
    () =>
      mounted(async (path, undo) => {
        const disk = undo.use(await mountOdd(oddities));
        return undo.use(await mountFile(disk.path, path));
      }),
    { ...traits, ignore: !mayMountOdd },
  );
}

testOdd(
  "a disk that lacks most, mounted inside of the root",
  [
    ...["fold", "no-links", "no-rename-flags", "no-locks", "no-attributes"] as const,
    ...["no-allocate", "no-modes"] as const,
  ],
  { foldsCase: true, notesNothing: true, hasNoModes: true },
);
