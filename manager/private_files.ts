import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { keepDirectoryPrivate, strangersTo } from "../ffi/mod.ts";

/** A file or directory that must be for its owner alone is not, or belongs to someone else. */
export class NotPrivateError extends Error {
  override readonly name = "NotPrivateError";
  readonly code = "permission-denied";
}

const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY_FILE = 0o600;
const OTHERS = 0o077;
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;

/**
 * Makes `path` a directory that is ours alone, or checks that it is one.
 *
 * @throws {NotPrivateError} If it is there and not ours alone, or a symbolic link, or no directory.
 */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  try {
    await Deno.mkdir(path, { mode: OWNER_ONLY_DIRECTORY });
    if (Deno.build.os === "windows") keepDirectoryPrivate(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  await checkPrivate(path);
}

/**
 * Checks that only its owner, who is us, can get at `path`. On Windows that is asked of directories
 * alone, whose access list is handed down to what is in them; SYSTEM and the administrators, who can get
 * at everything, may be on it.
 *
 * @throws {NotPrivateError} If not; says how to mend it.
 * @throws {Deno.errors.NotFound} If there is nothing.
 */
export async function checkPrivate(path: string): Promise<void> {
  const info = await Deno.lstat(path);
  if (!info.isDirectory && !info.isFile) {
    throw new NotPrivateError(
      `Cannot trust "${path}": it is neither a file nor a directory; remove it`,
    );
  }
  if (Deno.build.os === "windows") {
    if (info.isDirectory) checkAccessList(path);
    return;
  }
  if (info.uid !== Deno.uid()) {
    throw new NotPrivateError(
      `Cannot trust "${path}": it belongs to user ${info.uid}, not to you; ` +
        `remove it, or choose another place with MSQUICD_STATE_DIR`,
    );
  }
  if (((info.mode ?? 0) & OTHERS) === 0) return;
  const mode = ((info.mode ?? 0) & 0o777).toString(8).padStart(4, "0");
  throw new NotPrivateError(
    `Cannot trust "${path}": others can get at it (mode ${mode}); ` +
      `if nobody has, mend it with: chmod go= "${path}"`,
  );
}

function checkAccessList(path: string): void {
  const others = strangersTo(path);
  if (others.length === 0) return;
  throw new NotPrivateError(
    `Cannot trust "${path}": others own it or can get at it (${
      others.join(", ")
    }); if nobody has, ` +
      `mend it with: icacls "${path}" /reset && icacls "${path}" /inheritance:r ` +
      `/grant "%USERNAME%:(OI)(CI)F", or choose another place with MSQUICD_STATE_DIR`,
  );
}

/** Reads a file that is ours alone; `undefined` if there is none. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    await checkPrivate(path);
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Writes a file that is ours alone, as a whole or not at all.
 *
 * @param options `durable: false` does without waiting for the disk, for what a restart of the
 * machine makes worthless anyway.
 */
export async function writePrivateFile(
  path: string,
  text: string,
  { durable = true }: { durable?: boolean } = {},
): Promise<void> {
  const name = `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`;
  const temporary = join(dirname(path), name);
  try {
    await writeNew(temporary, text, durable);
    await Deno.rename(temporary, path);
  } catch (error) {
    await removeIfThere(temporary);
    throw error;
  }
}

/** Removes what writes that were cut off have left in `directory`. */
export async function removeTemporaries(directory: string): Promise<void> {
  for await (const { name } of Deno.readDir(directory)) {
    if (TEMPORARY.test(name)) await removeIfThere(join(directory, name));
  }
}

/** Removes a file; one that is not there is no error. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function writeNew(path: string, text: string, durable: boolean): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: OWNER_ONLY_FILE });
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(await file.write(rest));
  if (durable) await file.sync();
}
