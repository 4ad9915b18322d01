import { dirname } from "node:path";
import { getLogger } from "@logtape/logtape";
import { InvalidOptionError } from "../../base/mod.ts";
import type { RootMark } from "../../ipc/mod.ts";
import { probeDisk } from "../../transfer/storage/disk_probe.ts";
import { OWN_NAME_BYTES, whatLacks } from "../../transfer/storage/disk_traits.ts";
import { holdDirectory } from "../../transfer/storage/hold_directory.ts";
import { openStorageRoot } from "../../transfer/storage/storage_root.ts";
import { forgetUsage } from "../../transfer/storage/usage_file.ts";
import { refusedBySystem } from "./state_errors.ts";

const logger = getLogger(["msquicd", "manager"]);

const FULL: readonly unknown[] = ["ENOSPC", "EDQUOT"];
const ADVICE = "choose another directory with --root";

/** What no other directory would help with, and what would. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  EMFILE: "let it have more open files (ulimit -n), or start fewer workers",
  ENFILE: "end what has many files open, or raise the system's limit",
  ENOMEM: "end what takes much memory",
};

/**
 * Makes the directory that the files served are kept in, or checks that it can be used.
 *
 * @returns By which workers know it again: they make none, so that files never go elsewhere when its file
 * system is not mounted.
 * @throws {InvalidOptionError} If something else is there.
 * @throws {StateError} If it cannot be made, or not be written to.
 */
export async function ensureRoot(path: string): Promise<RootMark> {
  try {
    await Deno.mkdir(path, { recursive: true });
    await tryOut(path);
    const root = await openStorageRoot(path);
    await forgetUsage(root);
    tellOfDisk(path, dirname(root.staging));
    return root.mark;
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    const found = await whatIs(path);
    if (found === undefined) {
      throw refusedBySystem(`keep files in "${path}"`, error, adviceOn(error));
    }
    throw new InvalidOptionError(`Cannot keep files in "${path}": it is ${found}; ${ADVICE}`);
  }
}

/**
 * Tries out what the disk can, and writes down what it lacks.
 *
 * @param directory The storage's own.
 * @throws {InvalidOptionError} Too much: nothing could be stored there.
 */
function tellOfDisk(path: string, directory: string): void {
  using own = holdDirectory(directory);
  const traits = probeDisk(own);
  if (traits === undefined) return; // full: it can still be read
  if (traits.nameBytes < OWN_NAME_BYTES) {
    throw new InvalidOptionError(
      `Cannot keep files in "${path}": its disk takes names of ${traits.nameBytes} bytes at most, ` +
        `and ${OWN_NAME_BYTES} are needed; ${ADVICE}`,
    );
  }
  const lacks = whatLacks(traits);
  if (lacks.length === 0) return;
  logger.info("Disk of the storage {path} lacks things: {lacks}", {
    path,
    lacks: lacks.join("; "),
  });
}

function adviceOn(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return ELSEWHERE[code] ?? ADVICE;
}

/** Only what is tried is known: rights say nothing of file systems. A full one can still be read. */
async function tryOut(path: string): Promise<void> {
  try {
    await Deno.remove(await Deno.makeTempDir({ dir: path, prefix: ".msquicd-" }));
  } catch (error) {
    const full = error instanceof Error && "code" in error && FULL.includes(error.code);
    if (!full) throw error;
  }
}

/** What is there in place of a directory. */
async function whatIs(path: string): Promise<string | undefined> {
  try {
    const { isSymlink, isDirectory, isFile } = await Deno.lstat(path);
    if (isDirectory) return undefined;
    if (isSymlink) return await leadsNowhere(path) ? "a link that leads nowhere" : undefined;
    return isFile ? "a file" : "neither a file nor a directory";
  } catch {
    return undefined;
  }
}

async function leadsNowhere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => false, (error) => error instanceof Deno.errors.NotFound);
}
