import { mayAllocate } from "../../ffi/files/allocate_file.ts";
import {
  attributeName,
  getAttribute,
  setAttribute,
} from "../../ffi/files/extended_attribute_linux.ts";
import { renameNew } from "../../ffi/files/rename_new.ts";
import { FileLock } from "../../ffi/file_lock/file_lock.ts";
import type { Held } from "./held.ts";
import { isFull } from "./system_error.ts";

/** What a disk can, and does: all that a storage can do without, or has to know. */
export interface DiskTraits {
  /** Files can have two names. */
  readonly links: boolean;
  /** A name can be given only if it is free, in one step. */
  readonly renamesNew: boolean;
  readonly locks: boolean;
  /** Extended ones. */
  readonly attributes: boolean;
  /** Room can be reserved for a file. */
  readonly allocates: boolean;
  /** Who may read, write and execute a file is kept. */
  readonly modes: boolean;
  /** Names may differ in case only. */
  readonly tellsCase: boolean;
  /** Names may differ only in how characters are composed, as `é` of one or two. */
  readonly tellsForms: boolean;
  /** Names may have other characters than those of ASCII. */
  readonly unicode: boolean;
  /** The longest name, in bytes, up to 255. */
  readonly nameBytes: number;
  /** To how many milliseconds times are kept: 1, 1000 or 2000. */
  readonly timeStepMs: number;
}

/** A file that is there while a disk is tried out, and since when. */
const PROBE = /^probe-(\d+)-/;

/** After which time such a file was left behind by who was killed, in milliseconds. */
const LEFT_MS = 60_000;

const ATTRIBUTE = attributeName("user.msquicd.probe");

/** The longest name, in bytes, that there is anywhere. */
const LONGEST = 255;

/** An odd second, and milliseconds. */
const TIME = Date.UTC(2020, 1, 3, 4, 5, 7, 789);

/**
 * Finds out what a disk can, by trying: what kind it is says little, and nothing where it is another machine's.
 * Takes some thirty system calls on this thread, and leaves nothing.
 *
 * @param own A directory of the storage's own.
 * @returns `undefined` where it cannot be found out, as the disk is full.
 * @throws An error with the operating system's code: files cannot be made there, or not be replaced.
 */
export function probeDisk(own: Held): DiskTraits | undefined {
  removeLeft(own);
  const begin = `probe-${Date.now()}-${crypto.randomUUID()}`;
  const names = [`${begin}-é`, `${begin}-a`, `${begin}-b`] as const;
  try {
    return probe(own, names);
  } catch (error) {
    if (isFull(error)) return undefined;
    throw error;
  } finally {
    for (const name of names) does(() => own.removeEntry(name));
  }
}

function probe(own: Held, [wide, plain, other]: readonly [string, string, string]): DiskTraits {
  const unicode = makesJustSo(own, wide);
  const name = unicode ? wide : plain;
  if (!unicode) make(own, plain);
  const path = `${own.path}/${name}`;
  const links = does(() => own.linkEntry(name, own, other));
  if (links) own.removeEntry(other);
  const renamesNew = renamesToFree(path, `${own.path}/${other}`);
  const timeStepMs = make(own, other);
  // Nothing can be stored where this cannot be done.
  Deno.renameSync(`${own.path}/${other}`, path);
  return {
    ...{ links, renamesNew, timeStepMs, unicode },
    locks: does(() => FileLock.tryAcquire(path, 0, { create: false })?.[Symbol.dispose]()),
    attributes: keepsAttributes(path),
    allocates: mayAllocate(path),
    modes: keepsModes(own, name),
    tellsCase: !isThere(own, name.toUpperCase()),
    tellsForms: !unicode || !isThere(own, name.normalize("NFD")),
    nameBytes: longestName(own),
  };
}

/** Makes a file. @returns To how many milliseconds its time is kept. */
function make(own: Held, name: string): number {
  using file = own.createEntry(name, 0o600);
  file.utimeSync(TIME);
  const lost = TIME - own.statEntry(name).mtime;
  return lost < 1 ? 1 : lost < 1000 ? 1000 : 2000;
}

/** Makes a file, if it is then called so: some disks have other characters in place of those they lack. */
function makesJustSo(own: Held, name: string): boolean {
  try {
    make(own, name);
  } catch (error) {
    if (isFull(error)) throw error;
    return false;
  }
  return Array.from(Deno.readDirSync(own.path)).some((entry) => entry.name === name);
}

/** Where somebody has the name, the kernel says so before it asks the file system. */
function renamesToFree(path: string, other: string): boolean {
  try {
    if (renameNew(path, other) !== "done") return false;
  } catch {
    return false;
  }
  Deno.renameSync(other, path);
  return true;
}

function keepsAttributes(path: string): boolean {
  if (Deno.build.os !== "linux") return false;
  const value = new Uint8Array([1, 2, 3]);
  return setAttribute(path, ATTRIBUTE, value) && getAttribute(path, ATTRIBUTE, 3)?.[2] === 3;
}

function keepsModes(own: Held, name: string): boolean {
  if (Deno.build.os === "windows") return false;
  return does(() => Deno.chmodSync(`${own.path}/${name}`, 0o750)) &&
    own.statEntry(name).mode === 0o750;
}

/** A look at a name that nobody has says whether there could be one. */
function longestName(own: Held): number {
  let [most, tooMany] = [1, LONGEST + 1];
  for (let length = LONGEST; most < tooMany - 1; length = (most + tooMany) >> 1) {
    if (mayBeSoLong(own, length)) most = length;
    else tooMany = length;
  }
  return most;
}

function mayBeSoLong(own: Held, length: number): boolean {
  try {
    own.statEntry("x".repeat(length));
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ENAMETOOLONG");
  }
}

/** What a probe has left that was killed. */
function removeLeft(own: Held): void {
  for (const { name } of Deno.readDirSync(own.path)) {
    const since = PROBE.exec(name)?.[1];
    if (since === undefined || Date.now() - Number(since) < LEFT_MS) continue;
    does(() => own.removeEntry(name));
  }
}

function isThere(own: Held, name: string): boolean {
  return does(() => own.statEntry(name));
}

function does(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
