/** How often files are looked at that may change, in milliseconds. */
export const LOOK_MS = 1000;

/**
 * Tells whether files have changed since: also where a link to one leads to another one by now. Systems that
 * notify of changes are no help: they do not do so on network drives, nor for what a link leads to.
 */
export async function signatureOf(files: readonly string[]): Promise<string> {
  return (await Promise.all(files.map(signature))).join(" ");
}

async function signature(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtime, ctime, mode } = await Deno.stat(file);
    return [dev, ino, size, mtime?.getTime(), ctime?.getTime(), mode].join(":");
  } catch (error) {
    return error instanceof Error ? error.name : "unknown";
  }
}
