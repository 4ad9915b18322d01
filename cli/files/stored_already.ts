import { resolve } from "node:path";
import { inOrder } from "../../base/mod.ts";
import { type Client, RemoteError } from "../../client/mod.ts";
import { FileExistsError } from "../../transfer/mod.ts";
import type { Outcome } from "./batch.ts";
import { type Copied, withDecodedName } from "./copied.ts";
import type { NameMapping } from "./name_mapping.ts";
import type { TreeDownload } from "./tree_downloads.ts";
import { areSame, type LocalFile, lookHere, lookThere, type Skipped } from "./unchanged.ts";

/** How many refusals are looked into at once. */
const AT_ONCE = 64;

/**
 * What becomes of an upload that was refused because a file has its name: it is done if that one has the very
 * same bytes, which both ends read.
 *
 * @returns `undefined` if it has not, or it was refused for another reason.
 */
export async function storedAlready(
  client: Client,
  upload: LocalFile & { readonly name: string },
  error: unknown,
  signal: AbortSignal,
): Promise<Skipped | undefined> {
  if (!(error instanceof RemoteError) || error.code !== "file-exists") return undefined;
  const { name, size: bytes } = upload;
  const there = await lookThere(client, name, signal);
  if (!await areSame(client, upload, there, "checksum", signal)) return undefined;
  return { name, bytes, skipped: true, server: client.server };
}

/**
 * What becomes of a download that was not begun because a file has its name here: the same.
 *
 * @returns `undefined` if that one has other bytes, or it failed for another reason.
 */
export async function fetchedAlready(
  client: Client,
  { name, path, info }: TreeDownload,
  error: unknown,
  signal: AbortSignal,
): Promise<Skipped | undefined> {
  if (!(error instanceof FileExistsError)) return undefined;
  const here = await lookHere(path);
  const there = info ?? await lookThere(client, name, signal);
  if (here === undefined || !await areSame(client, here, there, "checksum", signal)) {
    return undefined;
  }
  return { name, path: resolve(path), bytes: here.size, skipped: true, server: client.server };
}

/** A file that is moved together with others, unless it is skipped. */
interface Decided<Item> {
  readonly item: Item;
  readonly skipped: Skipped | undefined;
}

/**
 * How it went with files that were moved together, in their order.
 *
 * @param already What becomes of one that was refused, if what has its name is the same.
 */
export function settled<Item>(
  outcomes: AsyncIterable<{ file: Decided<Item> } & Outcome<Copied>>,
  names: NameMapping,
  already: (item: Item, error: unknown) => Promise<Skipped | undefined>,
): AsyncIterable<{ file: Item } & Outcome<Copied>> {
  return inOrder(outcomes, AT_ONCE, async (outcome) => {
    const { item, skipped } = outcome.file;
    const done = (result: Copied) => ({ file: item, result: withDecodedName(result, names) });
    if (skipped !== undefined) return done(skipped);
    if ("result" in outcome) return done(outcome.result);
    try {
      const same = await already(item, outcome.error);
      return same === undefined ? { file: item, error: outcome.error } : done(same);
    } catch (error) {
      return { file: item, error };
    }
  });
}
