/** Whether an error says that nothing has the name. */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || codeOf(error) === "ENOENT";
}

/** Whether an error says that what was a directory, or held a file, does so no more. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return isMissing(error) || code === "ENOTDIR" || code === "ELOOP";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
