import { basename, dirname } from "node:path";
import { flushDirectory } from "../../base/flush_directory.ts";
import { removeIfThere } from "../../base/mod.ts";
import { isMissing } from "./absence.ts";
import { removeName } from "./busy_file.ts";
import { hashPrefix } from "../hash_prefix.ts";
import { setModeIfKept } from "./file_mode.ts";
import type { Held } from "./held.ts";
import { notedHash, noteHash } from "./hash_note.ts";
import { holdDirectory } from "./hold_directory.ts";
import { holdOwnFile, writeOwnFile } from "./own_files.ts";
import { noteStorer, storerOf } from "./storer_note.ts";
import { listStaged } from "./staged_names.ts";

/** Names of files that are on their way to the place beside them; no client can use such a name. */
const COPY_NAME = /^\.msquicd-[0-9a-f-]{36}\.part$/;

/** Where it is written down that there is such a file, in case its maker cannot remove it. */
const NOTE_ENDING = ".elsewhere";

/** How long a copy is looked for whose file system is not there, in milliseconds. */
const KEPT_MS = 30 * 24 * 60 * 60_000;

/** Whether a file has the name of one that is on its way. */
export function isCopyName(name: string): boolean {
  return COPY_NAME.test(name);
}

/** A name for a file on its way. */
export function copyName(): string {
  return `.msquicd-${crypto.randomUUID()}.part`;
}

/**
 * Copies a staged file to another file system, with its time of modification, its mode and what is noted of it,
 * and checks that the copy reads as the file was read.
 *
 * @param options.createNew Whether to make the copy; otherwise it is there, and empty.
 * @param options.flushes Whether to flush it to the disk.
 */
export async function copyStaged(
  from: string,
  to: string,
  { createNew = true, flushes }: { createNew?: boolean; flushes: boolean },
): Promise<void> {
  using staging = holdDirectory(dirname(from));
  using held = holdOwnFile(staging, basename(from));
  if (held === undefined) throw new Deno.errors.NotFound(`Others have taken "${from}" away`);
  using source = await Deno.open(held.path);
  const { size, mtime, mode } = await source.stat();
  using target = await Deno.open(to, { read: true, write: true, createNew, mode: 0o644 });
  const read = await hashPrefix(source, size, { copyTo: target });
  const written = await hashPrefix(target, size);
  if (!read.hash.digest().equals(written.hash.digest())) {
    throw new Error(`What was copied to "${to}" reads differently from what was written`);
  }
  if (mtime !== null) {
    await target.utime(new Date(), mtime);
    const stored = notedHash(held.path, { size, mtime: mtime.getTime() });
    // Not the time that was asked for, of which some disks keep whole seconds.
    const { mtime: kept } = await target.stat();
    if (stored !== undefined) noteHash(to, stored, { size, mtime: (kept ?? mtime).getTime() });
  }
  const storer = storerOf(held.path);
  if (storer !== undefined) noteStorer(to, storer);
  if (mode !== null && Deno.build.os !== "windows") await setModeIfKept(to, mode & 0o777);
  if (flushes) await target.sync();
}

/**
 * Writes down that there is a file on its way.
 *
 * @param staging Where it is looked for, by {@linkcode removeCopies}.
 * @param segments The file's path below the storage's directory.
 * @param flushes Whether to the disk as well, before there is a file.
 * @returns Disposed of when the file is gone.
 */
export async function noteCopy(
  staging: string,
  owner: string,
  segments: readonly string[],
  flushes: boolean,
): Promise<AsyncDisposable> {
  const path = `${staging}/${owner}-${crypto.randomUUID()}${NOTE_ENDING}`;
  writeOwnFile(path, JSON.stringify(segments), { flushes });
  if (flushes) await flushDirectory(staging);
  return { [Symbol.asyncDispose]: async () => void await removeIfThere(path) };
}

/**
 * Removes the files on their way that an owner has left behind.
 *
 * @param top The storage's directory.
 * @returns How many there were.
 */
export async function removeCopies(
  top: Held,
  staging: string,
  owner: string,
  now = Date.now(),
): Promise<number> {
  let count = 0;
  for (const note of await listStaged(staging, owner, NOTE_ENDING)) {
    const segments = parseNote(await Deno.readTextFile(note));
    const found = segments === undefined ? "gone" : await removeCopy(top, staging, segments);
    if (found === "removed") count++;
    if (found !== "away" || await isOld(note, now)) await removeIfThere(note);
  }
  return count;
}

async function isOld(path: string, now: number): Promise<boolean> {
  const { mtime } = await Deno.lstat(path);
  return now - (mtime?.getTime() ?? 0) > KEPT_MS;
}

/** @returns `away`: its file system is not there, and it may still be on that. */
async function removeCopy(
  top: Held,
  staging: string,
  segments: readonly string[],
): Promise<"removed" | "gone" | "away"> {
  const directories = segments.slice(0, -1);
  try {
    using held = directories.length === 0
      ? undefined
      : await top.openBelowLater(directories.join("/"), "directory");
    const { path } = held ?? top;
    try {
      await removeName(`${path}/${segments.at(-1) ?? ""}`);
      return "removed";
    } catch (error) {
      // Where nothing is mounted, there is the directory that something was mounted on.
      const isMounted = Deno.statSync(path).dev !== Deno.statSync(staging).dev;
      return isMissing(error) && isMounted ? "gone" : "away";
    }
  } catch {
    return "away";
  }
}

/** `undefined` for what is not a note of ours: nothing is removed for it. */
function parseNote(text: string): readonly string[] | undefined {
  try {
    const segments: unknown = JSON.parse(text);
    if (!Array.isArray(segments) || !segments.every(isSegment)) return undefined;
    return COPY_NAME.test(segments.at(-1) ?? "") ? segments : undefined;
  } catch {
    return undefined;
  }
}

function isSegment(item: unknown): item is string {
  return typeof item === "string" && !["", ".", ".."].includes(item) && !item.includes("/");
}
