import { createHash, randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { CodedError } from "../../base/mod.ts";
import { isOnNoexec } from "./noexec.ts";

/** A library that the program carries in itself. */
export interface CarriedLibrary {
  /** For people. */
  readonly what: string;
  readonly fileName: string;
  /** Of its content; lower-case hex. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  read(): Uint8Array;
  /** Loads it from a file, for a moment. @throws {Error} If the system does not let it. */
  tryOut(path: string): void;
  /** What to do where it can be unpacked nowhere. */
  readonly advice: string;
}

/** Thrown when the library that the program carries can be unpacked nowhere; lists every place. */
export class UnpackError extends CodedError {
  readonly code = "msquic-not-unpacked";
}

const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY_FILE = 0o600;
const WRITABLE_BY_OTHERS = 0o022;
const WRITABLE_BY_ALL = 0o002;
const NOEXEC = "nothing can be loaded from there: its file system is mounted with noexec";
/** In a directory with this bit, only its owner can rename or remove a file. */
const STICKY = 0o1000;

/**
 * Puts the library where the system's loader can open it, unless it is there already.
 *
 * Its name begins with the hash of its content, so that versions do not get in each other's way. It
 * is used only if it has that content and only this user can change it; anything else of that name
 * is replaced. A place that can be written to, but not loaded from, is none.
 *
 * @param directories Where to, in order of preference.
 * @returns The path of the library.
 * @throws {UnpackError} If none of them will do.
 */
export function unpackLibrary(library: CarriedLibrary, directories: readonly string[]): string {
  const failures: string[] = [];
  for (const directory of directories) {
    try {
      return unpackInto(directory, library);
    } catch (error) {
      failures.push(`"${directory}" (${reasonOf(error)})`);
    }
  }
  throw new UnpackError(
    `Cannot unpack ${library.what} to ${failures.join(" or ")}; ${library.advice}`,
  );
}

function unpackInto(directory: string, library: CarriedLibrary): string {
  Deno.mkdirSync(directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  requireOwn(directory);
  const path = join(directory, `${library.sha256}-${library.fileName}`);
  const isNew = !isIntact(path, library);
  if (isNew) place(path, library);
  try {
    library.tryOut(path);
    return path;
  } catch (error) {
    const reason = isOnNoexec(path) ? NOEXEC : reasonOf(error);
    if (isNew) removeQuietly(path);
    throw new Error(reason);
  }
}

/** The order makes sure that whoever sees the name sees the whole file. */
function place(path: string, library: CarriedLibrary): void {
  const temporary = join(dirname(path), `.${randomBytes(8).toString("hex")}.tmp`);
  try {
    Deno.writeFileSync(temporary, library.read(), { createNew: true, mode: OWNER_ONLY_FILE });
    if (!isIntact(temporary, library)) throw new Error("what was written is not what is there");
    Deno.renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    // On Windows a file in use cannot be replaced: another process has been faster.
    if (!isIntact(path, library)) throw error;
  }
}

function isIntact(path: string, { sha256, size }: CarriedLibrary): boolean {
  const stats = lookAt(path);
  if (!stats?.isFile || stats.size !== size || faultOf(stats) !== undefined) return false;
  return createHash("sha256").update(Deno.readFileSync(path)).digest("hex") === sha256;
}

/** `undefined` if there is nothing. */
function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** What is left lies in the way of nobody. */
function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Gone already, or used by another process.
  }
}

/** Nobody else may be able to put another file, or another directory, in the place of a checked one. */
function requireOwn(directory: string): void {
  const stats = Deno.lstatSync(directory);
  if (!stats.isDirectory) throw new Error("it is no directory");
  const fault = faultOf(stats);
  if (fault !== undefined) throw new Error(fault);
  if (Deno.build.os === "windows") return;
  let inner = Deno.realPathSync(directory);
  for (let outer = dirname(inner); outer !== inner; [inner, outer] = [outer, dirname(outer)]) {
    const bits = Deno.lstatSync(outer).mode ?? 0;
    if ((bits & WRITABLE_BY_ALL) !== 0 && (bits & STICKY) === 0) {
      throw new Error(`everybody can rename it, since ${outer} is writable by all`);
    }
  }
}

/** On Windows the folders in question are the user's own by their inherited access list. */
function faultOf({ uid, mode }: Deno.FileInfo): string | undefined {
  if (Deno.build.os === "windows") return undefined;
  if (uid !== Deno.uid()) return `it belongs to user ${uid}`;
  return ((mode ?? 0) & WRITABLE_BY_OTHERS) !== 0 ? "others can write to it" : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  return SYSTEM_REASONS[String(code)] ?? error.message;
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "read-only file system",
  ENOSPC: "no space left",
  EDQUOT: "over the disk quota",
  EEXIST: "a file is in the way",
  ENOTDIR: "a file is in the way",
};
