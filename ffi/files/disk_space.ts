import { kernel32, wideString } from "../libraries/kernel32.ts";
import { libc } from "../libraries/libc.ts";

/** Length of `struct statfs`, and where in it there is what, in 64-bit words; x86-64 and ARM64. */
const STATFS_LENGTH = 120;
const F_BSIZE = 1;
const F_BLOCKS = 2;
const F_BAVAIL = 4;

/** How much room there is on a disk, in bytes. */
export interface DiskSpace {
  /** What this process may still write. */
  readonly free: number;
  readonly total: number;
}

/**
 * How much room there is on the disk of a directory. Asked on this thread, which takes two microseconds where
 * the disk is no other machine's.
 *
 * @returns `undefined` if the system does not tell.
 */
export function diskSpace(directory: string): DiskSpace | undefined {
  const space = Deno.build.os === "windows" ? ofWindows(directory) : ofLinux(directory);
  // Some file systems in user space say that they have nothing at all.
  return space === undefined || space.total === 0 ? undefined : space;
}

function ofLinux(directory: string): DiskSpace | undefined {
  const words = new BigUint64Array(STATFS_LENGTH / 8);
  const path = new TextEncoder().encode(`${directory}\0`);
  if (libc.statfs(path, new Uint8Array(words.buffer)) !== 0) return undefined;
  const size = Number(words[F_BSIZE]);
  return { free: Number(words[F_BAVAIL]) * size, total: Number(words[F_BLOCKS]) * size };
}

function ofWindows(directory: string): DiskSpace | undefined {
  const [free, total] = [new BigUint64Array(1), new BigUint64Array(1)];
  if (kernel32.GetDiskFreeSpaceExW(wideString(directory), free, total, null) === 0) {
    return undefined;
  }
  return { free: Number(free[0]), total: Number(total[0]) };
}
