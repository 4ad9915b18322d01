import { fileError, SizeChangedError } from "../transfer/mod.ts";
import { SourceChangedError } from "./errors.ts";

/** What went wrong with a local file that is being sent, with its path; what is not about the file as it is. */
export function sourceError(error: unknown, path: string): unknown {
  const action = `Cannot send "${path}"`;
  const kind = [SizeChangedError, SourceChangedError].find((kind) => error instanceof kind);
  if (kind === undefined) return fileError(error, action);
  const reason = (error as Error).message.replace(/^File /, "it ");
  return new kind(`${action}: ${reason}`, { cause: error });
}
