/** Whether anything has a name, be it a link that leads nowhere; what cannot be looked at counts as missing. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}
