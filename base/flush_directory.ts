/** EINVAL, ENOSYS, EOPNOTSUPP: what a file system says that cannot flush a directory: some of FUSE, SMB. */
const UNSUPPORTED = /\(os error (?:22|38|95)\)/;

/**
 * Flushes a directory's entries to the disk: which names there are in it, and what they lead to. Windows does
 * that by itself, and has no other way.
 */
export async function flushDirectory(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using directory = await Deno.open(path);
  try {
    await directory.sync();
  } catch (error) {
    if (!(error instanceof Error) || !UNSUPPORTED.test(error.message)) throw error;
  }
}
