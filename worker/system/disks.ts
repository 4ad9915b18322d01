import type { Storage } from "../../handlers/messages/mod.ts";
import type { DiskInfo, SystemDiskResponse } from "../../protocol/mod.ts";
import { unavailableError } from "../../transfer/mod.ts";

/**
 * The disks that a storage is on: one, unless the uploads under way are on another.
 *
 * @throws {StorageUnavailableError} It is not there.
 */
export async function disksOf({ path, staging }: Storage): Promise<SystemDiskResponse> {
  try {
    const places = await Promise.all([path, staging].map(async (place) => {
      const { dev } = await Deno.stat(place);
      return { place, dev };
    }));
    const different = places.filter(({ dev }, index) =>
      places.findIndex((other) => other.dev === dev) === index
    );
    return { disks: await Promise.all(different.map(({ place }) => diskOf(place))) };
  } catch (error) {
    throw unavailableError(error, "Cannot tell of the disks") ?? error;
  }
}

async function diskOf(path: string): Promise<DiskInfo> {
  // Only when it is needed: it takes 6 ms to load.
  const { statfs } = await import("node:fs/promises");
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
  const disk = { path, total: blocks * bsize, free: bfree * bsize, available: bavail * bsize };
  // Systems that set no number say that it is 0.
  return files > 0 ? { ...disk, files, filesFree: ffree } : disk;
}
