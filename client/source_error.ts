import { fileError, SizeChangedError } from "../transfer/mod.ts";

/** What went wrong with a local file that is being sent, with its path; what is not about the file as it is. */
export function sourceError(error: unknown, path: string): unknown {
  const action = `Cannot send "${path}"`;
  if (!(error instanceof SizeChangedError)) return fileError(error, action);
  const reason = error.message.replace(/^File /, "it ");
  return new SizeChangedError(`${action}: ${reason}`, { cause: error });
}
