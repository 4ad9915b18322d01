import { removeIfThere } from "../../base/mod.ts";
import { allocateFile } from "../../ffi/files/allocate_file.ts";
import { renameFile } from "../storage/busy_file.ts";
import { copyName, noteCopy } from "../storage/copy_beside.ts";
import type { ReservedFile } from "../storage/place.ts";
import { holdNearest } from "../storage/stored_place.ts";
import type { NoRoom } from "../storage/space_account.ts";
import type { StorageRoot } from "../storage/storage_root.ts";

/** Another disk, mounted below a storage's directory. */
export interface OtherDisk extends Disposable {
  /** Leads to the directory that a file is to be in, or the nearest above it, until it is let go. */
  readonly directory: string;
  /** Its path below the storage's directory. */
  readonly segments: readonly string[];
}

/** The disk that a file is to be on, if it is another than what is staged is on. */
export async function otherDiskOf(
  root: StorageRoot,
  name: string,
): Promise<OtherDisk | undefined> {
  using stack = new DisposableStack();
  const { held, segments } = await holdNearest(root, name);
  stack.use(held);
  const [there, here] = [Deno.statSync(held.path), Deno.statSync(root.staging)];
  if (there.dev === here.dev) return undefined;
  const kept = stack.move();
  return {
    directory: held.path,
    segments,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/**
 * Reserves room on another disk for a file that is to be copied there, in a file that no client can see. So it
 * is known before the first byte whether it fits there, also into what the system lets its user have.
 *
 * @param owner In whose name it is written down, in case it stays behind; without, it is only looked.
 * @param size In bytes.
 * @returns Nothing where there is room, and nothing is reserved.
 */
export async function reserveElsewhere(
  root: StorageRoot,
  name: string,
  owner: string | undefined,
  size: number,
  signal?: AbortSignal,
): Promise<ReservedFile | NoRoom | undefined> {
  await using stack = new AsyncDisposableStack();
  const disk = await otherDiskOf(root, name);
  if (disk === undefined) return undefined;
  const { directory, segments } = stack.use(disk);
  using _alone = await root.space.alone(root.staging, signal);
  const missing = root.space.missingOn(directory, size);
  if (missing > 0) return { lacks: "disk", missing };
  if (owner === undefined) return undefined;
  const fileName = copyName();
  const path = `${directory}/${fileName}`;
  stack.use(
    await noteCopy(root.staging, owner, [...segments, fileName], root.durability !== "none"),
  );
  stack.defer(async () => void await removeIfThere(path));
  (await Deno.open(path, { write: true, createNew: true, mode: 0o644 })).close();
  const allocated = await allocateFile(path, size);
  if (allocated === "full") return { lacks: "share", missing: 0 };
  if (allocated === "too-large") return { lacks: "length", missing: 0 };
  if (allocated === "unsupported") return undefined;
  const kept = stack.move();
  return {
    async moveTo(to) {
      try {
        await renameFile(path, to);
        return true;
      } catch {
        return false; // the disk is another one by now, for example
      } finally {
        await kept.disposeAsync();
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
