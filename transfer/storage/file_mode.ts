/** What a file gets of which nothing is said, less the process's mask. */
export const DEFAULT_MODE = 0o644;

/** Of its owner, whose server it is that has to read it. */
const OWNER_READS = 0o400;

let mask: number | undefined;

/**
 * The mode that a file gets here which had `mode` elsewhere: that, less what this process's mask takes away,
 * as with whatever makes files, but its owner can always read it. `undefined` on Windows, where there is no
 * such thing.
 */
export function modeHere(mode: number): number | undefined {
  if (Deno.build.os === "windows") return undefined;
  mask ??= Deno.umask();
  return (mode | OWNER_READS) & 0o777 & ~mask;
}

/** Sets who may read, write and execute a file, where that can be kept; nothing, if it has gone. */
export async function setModeIfKept(path: string, mode: number): Promise<void> {
  try {
    await Deno.chmod(path, mode);
  } catch (error) {
    // A file system without modes (FAT, some of SMB) refuses.
    const refused = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotSupported || error instanceof Deno.errors.NotFound;
    if (!refused) throw error;
  }
}
