import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { flushDirectory } from "../../base/flush_directory.ts";
import { removeIfThere } from "../../base/mod.ts";
import { checkPrivateDirectory, checkPrivateFile } from "./private_checks.ts";
import { NotPrivateError, refusedBySystem, StateError } from "./state_errors.ts";

const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY_FILE = 0o600;
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;

/** More than any of the files has: whoever puts a large one there shall not have it read into memory. */
export const MAX_BYTES: number = 1024 * 1024;

/** Flags that Windows does not have. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_TRUNC, O_WRONLY } = constants;

/**
 * Makes `path` a directory that is ours alone, or checks that it is one.
 *
 * @throws {NotPrivateError} If it is there and not ours alone.
 * @throws {StateError} If it cannot be made, or is something else than a directory.
 */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
    await makeDirectory(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.AlreadyExists ? "ENOTDIR" : error;
    const advice = "choose a place that you can write to with MSQUICD_STATE_DIR";
    throw refusedBySystem(`make state directory "${path}"`, reason, advice);
  }
  await checkPrivateDirectory(path);
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { mode: OWNER_ONLY_DIRECTORY });
    if (Deno.build.os !== "windows") return;
    const { keepDirectoryPrivate } = await import("../../ffi/access/private_object_windows.ts");
    keepDirectoryPrivate(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/**
 * Reads a file that is ours alone; `undefined` if there is none.
 *
 * @throws {NotPrivateError | StateError} If there is something that is not that, or cannot be read.
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    await checkPrivateFile(path);
    // What was checked could be something else by now.
    await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const { size } = await file.stat();
    if (size <= MAX_BYTES) return await file.readFile("utf8");
    throw new StateError(
      `Cannot use "${path}": it has ${size} bytes, and ${MAX_BYTES} are the most; remove it`,
    );
  } catch (error) {
    if (error instanceof NotPrivateError || error instanceof StateError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw refusedBySystem(
      `read "${path}"`,
      error,
      "mend that, or choose another place with MSQUICD_STATE_DIR",
    );
  }
}

/**
 * Writes a file that is ours alone, as a whole or not at all.
 *
 * @param options `durable: false` does without waiting for the disk, for what a restart of the
 * machine makes worthless anyway.
 * @throws {StateError} If the system does not let it.
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
    if (durable) await flushDirectory(dirname(path));
  } catch (error) {
    await removePrivateFile(temporary);
    throw refusedBySystem(`write "${path}"`, error, "mend that, and try again");
  }
}

/**
 * Writes into a file that is there and ours, and may be locked: it stays the same file.
 *
 * @throws {StateError} If the system does not let it, or a link is there instead.
 */
export async function overwritePrivateFile(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK);
    await file.writeFile(text);
  } catch (error) {
    throw refusedBySystem(`write "${path}"`, error, "mend that, and try again");
  }
}

/** Moves a file out of the way that cannot be used, for somebody to look at; returns where to. */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.unusable`;
  try {
    await Deno.rename(path, aside);
    return aside;
  } catch (error) {
    throw refusedBySystem(`move "${path}" to "${aside}"`, error, "remove both");
  }
}

/** Removes what writes that were cut off have left in `directory`. */
export async function removeTemporaries(directory: string): Promise<void> {
  for await (const { name } of Deno.readDir(directory)) {
    if (TEMPORARY.test(name)) await removePrivateFile(join(directory, name));
  }
}

/**
 * Removes a file; one that is not there is no error.
 *
 * @throws {StateError} If the system does not let it.
 */
export async function removePrivateFile(path: string): Promise<void> {
  try {
    await removeIfThere(path);
  } catch (error) {
    throw refusedBySystem(`remove "${path}"`, error, "remove it yourself");
  }
}

async function writeNew(path: string, text: string, durable: boolean): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: OWNER_ONLY_FILE });
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(await file.write(rest));
  if (durable) await file.sync();
}
