import { checkWord } from "../base/mod.ts";
import {
  type FileListRequest,
  messages,
  OVERWRITE_POLICIES,
  type OverwritePolicy,
  RemoteError,
} from "../protocol/mod.ts";
import { ask, type RequestOptions, type StreamOpener } from "./exchange.ts";

/** What `move` takes. */
export interface MoveOptions extends RequestOptions {
  /** What becomes of a file that has the new name; `never`, the default, keeps it. */
  overwrite?: OverwritePolicy;
}

/**
 * Gives a file or a directory another name; see `Client.move`.
 *
 * @param attempt How often it was asked for before: that may have done it, the answer being lost.
 */
export async function move(
  opener: StreamOpener,
  name: string,
  to: string,
  options: MoveOptions,
  attempt: number,
): Promise<void> {
  const { overwrite = "never", ...rest } = options;
  checkWord("Cannot move a file", "overwrite", overwrite, OVERWRITE_POLICIES);
  try {
    await ask(opener, messages.fileMove, { name, to, overwrite }, rest);
  } catch (error) {
    const gone = attempt > 0 && error instanceof RemoteError && error.code === "not-found";
    if (!gone || !await isListed(opener, to, rest)) throw error;
  }
}

/** Whether a server has a file of that name, or a directory. */
async function isListed(
  opener: StreamOpener,
  name: string,
  options: RequestOptions,
): Promise<boolean> {
  const body: FileListRequest = { prefix: name, limit: 1, directories: "closed" };
  const { entries } = await ask(opener, messages.fileList, body, options);
  return entries.some((entry) => entry.name === name);
}
