/** Whether an error says that nothing has the name. */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || codeOf(error) === "ENOENT";
}

/** Whether an error says that what was a directory, or held a file, does so no more. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return isMissing(error) || code === "ENOTDIR" || code === "ELOOP";
}

/** Whether an error says that the operating system does not let this process look. */
export function isForbidden(error: unknown): boolean {
  const code = codeOf(error);
  return error instanceof Deno.errors.PermissionDenied || code === "EACCES" || code === "EPERM";
}

/** Whether an error says that a directory has something in it. */
export function isNotEmpty(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOTEMPTY" || code === "EEXIST";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
