import { join } from "node:path";
import {
  DiskStorage,
  lockUpload,
  openStorageRoot,
  type StorageRoot,
} from "../../../../transfer/mod.ts";
import { temporaryDirectory, tree } from "../../temporary.ts";
import type { Subject } from "./subject.ts";

/** A storage on a disk, as two workers have it; with its root. */
export type DiskSubject = Subject & { readonly root: StorageRoot };

/** @param directory Where its directory is to be; one of the test's own by default. */
export async function diskSubject(
  directory?: { path: string } & AsyncDisposable,
): Promise<DiskSubject> {
  await using undo = new AsyncDisposableStack();
  const parent = undo.use(directory ?? await temporaryDirectory());
  const path = join(parent.path, "storage");
  const root = await openStorageRoot(path);
  const again = await openStorageRoot(path, root.mark);
  undo.move();
  return {
    root,
    files: new DiskStorage({ ...root, owner: "one", tryLock: lockUpload }),
    others: new DiskStorage({ ...again, owner: "two", tryLock: lockUpload }),
    leftovers: async () =>
      (await tree(path)).filter((name) => /\.part$|-probe-|\/names\/./.test(name)),
    [Symbol.asyncDispose]: () => parent[Symbol.asyncDispose](),
  };
}
