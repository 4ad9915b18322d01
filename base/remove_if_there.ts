/**
 * Removes a file that may be gone already, or, if told so, a directory with all that is in it.
 *
 * @returns Whether it was there.
 */
export async function removeIfThere(
  path: string,
  options: Deno.RemoveOptions = {},
): Promise<boolean> {
  try {
    await Deno.remove(path, options);
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

/** Does what {@linkcode removeIfThere} does, before anything else is done. */
export function removeIfThereSync(path: string, options: Deno.RemoveOptions = {}): void {
  try {
    Deno.removeSync(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
