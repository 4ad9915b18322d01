import { resolve } from "node:path";
import type { KeptPart } from "../../client/mod.ts";
import {
  fileError,
  FileExistsError,
  makeDirectories,
  NotNewerError,
  RESUMABLE_SIZE,
  SMALL_SIZE,
} from "../../transfer/mod.ts";
import { forEachItem, type Place } from "./batch.ts";
import { type Copied, entryOfDirectory, withDecodedName, wouldMove } from "./copied.ts";
import type { Copying } from "./copying.ts";
import type { PipeOutput } from "./pipes.ts";
import { Progress } from "./progress.ts";
import {
  formatImpossible,
  formatKept,
  formatLimits,
  formatPlace,
  formatTransfer,
} from "./transfer_text.ts";
import type { TreeDownload } from "./tree_downloads.ts";
import type { TreeOptions } from "./tree_flags.ts";
import { fetchedAlready, settled } from "./stored_already.ts";
import { areSame, lookHere, lookThere, type Skipped, whyRefused } from "./unchanged.ts";

/** Up to this size, in bytes, several files are fetched at once. */
const LIGHT_SIZE = 1024 * 1024;

/** What the downloads of one command share. */
export interface Fetching extends Copying {
  /** Whether nothing is said of what is here already; by default it is. */
  quiet?: boolean;
}

/** Where files go that are not to become files here. */
export interface FetchInto {
  /** What takes their bytes. */
  pipe?: PipeOutput | undefined;
  /** Whether that is standard output, so that nothing else is to be there. */
  toOutput?: boolean;
}

/** Copies what was found, many small files at a time. @returns Only what `--json` prints. */
export async function fetchAll(
  fetching: Fetching,
  downloads: Iterable<TreeDownload> | AsyncIterable<TreeDownload>,
  { pipe, toOutput = false }: FetchInto = {},
): Promise<Copied[]> {
  const { context: { output, stdout, stderr }, client, options, signal, notes } = fetching;
  const { names, dryRun } = options;
  const run = async (download: TreeDownload, place: Place): Promise<Copied> => {
    if (download.problem !== undefined) throw download.problem;
    download.check?.();
    if (download.info?.directory) {
      return withDecodedName(await getDirectory(fetching, download), names);
    }
    using progress = isLight(download) ? undefined : new Progress(download.name, undefined, {
      place: formatPlace(place),
      terminal: stderr,
      sink: stderr.sink,
      limit: fetching.limit,
    });
    if (progress !== undefined) notes.bar = progress;
    if (pipe !== undefined) {
      const take = (bytes: Uint8Array) => pipe.write(bytes);
      // On a terminal it would be drawn into what is shown.
      const shown = stdout.interactive ? undefined : progress;
      const onProgress = (bytes: number, total: number) => shown?.update(bytes, total);
      const { name, path } = download;
      const result = await client.getStream(name, take, { signal, onProgress });
      return withDecodedName({ ...result, path }, names);
    }
    return withDecodedName(await getOne(fetching, download, progress), names);
  };
  const isTold = (result: Copied) =>
    !fetching.quiet || !("skipped" in result || "directory" in result && !result.made);
  const onDone = (result: Copied) => {
    if (!isTold(result)) return;
    const say = (text: string) => toOutput ? notes.note(text.trim()) : output.line(text);
    if (toOutput || output.speaks) {
      if (!toOutput || dryRun) say(formatTransfer(result));
      if (fetching.verbose) say(formatLimits(result, "received"));
    }
    const impossible = names.impossible(result.name);
    if (impossible !== undefined) notes.note(formatImpossible(result.name, impossible));
  };
  const results = await forEachItem(downloads, output, run, {
    onDone,
    // Of what is fetched together, all is hashed.
    isLight: (download) =>
      isLight(download) &&
      (options.verify === "sha256" || (download.info?.size ?? 0) <= SMALL_SIZE),
    ...(mayFetchTogether(options) ? { runLight: fetchTogether(fetching) } : {}),
  });
  return results.filter(isTold);
}

function isLight({ info }: TreeDownload): boolean {
  return info !== undefined && !info.directory && info.size <= LIGHT_SIZE;
}

/** Whether small files can be asked for together: what is to be known of each is known without asking. */
function mayFetchTogether({ dryRun, compare }: TreeOptions): boolean {
  return !dryRun && compare !== "checksum";
}

/** Fetches small files together, but for those that are here already. */
function fetchTogether({ client, options, signal }: Fetching) {
  const { overwrite, compare } = options;
  const { server } = client;
  async function* decided(downloads: AsyncIterable<TreeDownload>) {
    for await (const download of downloads) {
      const { name, path, info } = download;
      let skipped: Skipped | undefined;
      let { problem } = download;
      try {
        download.check?.();
        const here = compare === undefined ? undefined : await lookHere(path);
        if (await areSame(client, here, info, compare, signal)) {
          skipped = { name, path: resolve(path), bytes: here?.size ?? 0, skipped: true, server };
        }
      } catch (error) {
        problem ??= error;
      }
      // What has a problem is not fetched, and comes out in its turn.
      yield { name, path, size: info?.size, problem: problem ?? skipped, item: download, skipped };
    }
  }
  return (downloads: AsyncIterable<TreeDownload>) =>
    settled(
      client.getMany(decided(downloads), { overwrite, signal }),
      options.names,
      (download, error) => fetchedAlready(client, download, error, signal),
    );
}

/** Copies one file, unless it need not be. */
async function getOne(
  { client, options, streams, resume, signal, notes }: Fetching,
  download: TreeDownload,
  progress: Progress | undefined,
): Promise<Copied> {
  const { name, path, info } = download;
  const { overwrite, compare, dryRun, verify } = options;
  const { server } = client;
  if (compare !== undefined || dryRun) {
    const here = download.pipe ? undefined : await lookHere(path);
    const there = info ?? (here === undefined ? undefined : await lookThere(client, name, signal));
    const refused = dryRun ? whyRefused(overwrite, there?.mtime, here) : undefined;
    const isSame = await areSame(client, here, there, compare, signal) ||
      // As it is found out of what is refused.
      (refused !== undefined && compare !== "checksum" &&
        await areSame(client, here, there, "checksum", signal));
    if (isSame) {
      return { name, path: resolve(path), bytes: here?.size ?? 0, skipped: true, server };
    }
    if (refused === "file-exists") {
      throw new FileExistsError(`Cannot store "${path}": a file is there already`);
    }
    if (refused === "not-newer") {
      throw new NotNewerError(`Cannot store "${path}": the file there is as new or newer`);
    }
    if (dryRun) {
      const { size } = there ?? await client.stat(name, { signal });
      return wouldMove({ name, path: download.pipe ? path : resolve(path), bytes: size, server });
    }
  }
  let kept: KeptPart | undefined;
  try {
    return await client.get(name, path, {
      overwrite,
      verify,
      // Of what is too small to be gone on with, no part is looked for: that reads the whole directory.
      resume: resume && (info === undefined || info.size >= RESUMABLE_SIZE),
      ...(streams === undefined ? {} : { streams }),
      signal,
      onProgress: (bytes, total) => progress?.update(bytes, total),
      onKept: (part) => kept = part,
    });
  } catch (error) {
    const same = await fetchedAlready(client, download, error, signal);
    if (same !== undefined) return same;
    if (kept !== undefined) notes.note(formatKept(name, kept));
    throw error;
  }
}

/** Makes a directory here that is empty there. */
async function getDirectory(
  { client, options: { dryRun } }: Fetching,
  { name, path }: TreeDownload,
): Promise<Copied> {
  const { server } = client;
  try {
    const isThere = (await lookAt(path))?.isDirectory === true;
    if (dryRun) return { ...entryOfDirectory(name, !isThere, server), path, planned: true };
    await makeDirectories(path);
    return { ...entryOfDirectory(name, !isThere, server), path };
  } catch (cause) {
    throw fileError(cause, `Cannot make the directory "${path}"`);
  }
}

/** What is at a path; `undefined` if nothing is. */
async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
