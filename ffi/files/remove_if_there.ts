/** Removes a file that may be gone already, or, if told so, a directory with all that is in it. */
export function removeIfThere(path: string, options: Deno.RemoveOptions = {}): void {
  try {
    Deno.removeSync(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
