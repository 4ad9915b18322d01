/**
 * Lets this process read and write a file that it has staged: the mode that the file is to have is set before it
 * gets its name, and may forbid that to who goes on with it.
 *
 * @returns Whether it may now.
 */
export function makeWritable(path: string): boolean {
  try {
    const { isFile, mode } = Deno.lstatSync(path);
    if (!isFile || mode === null) return false;
    Deno.chmodSync(path, mode & 0o777 | 0o600);
    return true;
  } catch {
    return false; // it has just gone, or is not ours
  }
}
