import { isThere } from "../../base/is_there.ts";
import { renameNew } from "../../ffi/files/rename_new.ts";
import { SystemError } from "../../ffi/files/system_error.ts";
import { InvalidNameError, ProtocolError } from "../../protocol/errors.ts";
import type { OverwritePolicy } from "../../protocol/file_bodies.ts";
import { parseFileName, parseNewFileName } from "../../protocol/file_name.ts";
import { MAX_NAME_LENGTH, MAX_SEGMENTS } from "../../protocol/limits.ts";
import {
  FileExistsError,
  noRoom,
  NotADirectoryError,
  NotAFileError,
  OtherFileSystemError,
  storageError,
} from "../errors.ts";
import { counted, publishFile, type PublishSteps } from "./publish_file.ts";
import { countingMove, countingMoved } from "./move_in_quotas.ts";
import type { UploadStorage } from "./upload_storage.ts";
import { isMissing } from "../storage/absence.ts";
import { renameFile } from "../storage/busy_file.ts";
import { FileWalk } from "../storage/file_walk.ts";
import { flushBelow } from "../storage/flush.ts";
import type { Held } from "../storage/held.ts";
import { holdRoot } from "../storage/held_root.ts";
import { Pace } from "../storage/pace.ts";
import type { HeldPlace, Place } from "../storage/place.ts";
import { holdParent } from "../storage/storage_files.ts";
import { holdNearest, storedPlace } from "../storage/stored_place.ts";
import type { StorageRoot } from "../storage/storage_root.ts";
import type { ChangedName } from "../storage/usage.ts";
import type { StorageCheck } from "../storage/storage_rules.ts";
import { directoriesOf, removeEmptyBelow } from "../storage/stored_directories.ts";
import { isOnOtherDevice } from "../storage/system_error.ts";

/** How often to begin again while others remove the directories that were made. */
const MAX_ATTEMPTS = 10;

const utf8 = new TextEncoder();

/**
 * Gives a stored file, or a directory with all that is in it, another name, in one step where the disk can:
 * who looks finds it under one name or the other. Directories that are missing are made, those that thereby
 * become empty are removed.
 *
 * @param overwrite What becomes of a file that has the new name; a directory is never replaced.
 * @param signal Gives up before anything is done.
 * @throws {InvalidNameError} A name is not allowed, or what is in the directory would have one.
 * @throws {FileNotFoundError | FileExistsError | NotNewerError | NotAFileError | NotADirectoryError}
 * @throws {OtherFileSystemError} Of a directory; a file is copied, and appears whole as well.
 */
export async function moveStored(
  root: UploadStorage & { owner?: string },
  { name, to, overwrite = "never" }: { name: string; to: string; overwrite?: OverwritePolicy },
  signal?: AbortSignal,
): Promise<void> {
  const segments = parseFileName(name);
  parseNewFileName(to);
  using top = holdRoot(root);
  try {
    using parent = await holdParent(top, segments);
    const last = segments.at(-1) ?? "";
    const { kind, mtime } = (parent ?? top).statEntry(last);
    if (name === to) return;
    const from = `${(parent ?? top).path}/${last}`;
    const place = storedPlace(root, to);
    if (kind === "file") {
      root.check.checkName(to);
      const steps = { mtime, durability: root.durability };
      await moveFile(root, { name, path: from }, place, overwrite, steps);
    } else if (kind === "directory") {
      await refuseNames(top, root.check, { name, to }, signal);
      await countingMove(root, top, { name, to }, () => moveDirectory(from, place), signal);
    } else if (kind === "link") throw new SystemError("ELOOP", name);
    else throw new NotAFileError(`Cannot move "${name}": it is neither a file nor a directory`);
    if (root.durability === "full") {
      await flushBelow(root, [segments, parseFileName(to)].map((path) => path.slice(0, -1)));
    }
  } catch (cause) {
    throw storageError(cause, `Cannot move "${name}"`);
  }
  removeEmptyBelow(top, directoriesOf(segments));
}

async function moveFile(
  root: UploadStorage,
  { name, path: from }: ChangedName,
  to: Place,
  overwrite: OverwritePolicy,
  steps: PublishSteps,
): Promise<void> {
  to.counted = (path, step) =>
    countingMoved(root, { name, path: from }, { name: to.name, path }, step);
  if (overwrite === "never" && await placeNew(from, to)) return;
  await checkRoom(root, from, to.name).catch(async (error) => {
    await to.unmake();
    throw error;
  });
  await publishFile(from, to, overwrite, steps);
}

/** Looks for room where a file is to be copied to. @throws {ProtocolError} `no-space`. */
async function checkRoom(root: StorageRoot, from: string, to: string): Promise<void> {
  using nearest = (await holdNearest(root, to)).held;
  const [file, there] = [Deno.lstatSync(from), Deno.statSync(nearest.path)];
  if (file.dev === there.dev) return;
  const missing = root.space.missingOn(nearest.path, file.size);
  if (missing > 0) throw noRoom(file.size, missing);
}

/** @returns Whether it is done; else the longer way is to be gone, which also says what is in the way. */
async function placeNew(from: string, to: Place): Promise<boolean> {
  try {
    using held = await to.hold() ?? await to.make();
    await to.refuseOtherNames?.();
    let done = false;
    const { path } = held;
    await counted(to, path, () => {
      done = renameNew(from, path) === "done";
      return Promise.resolve();
    });
    return done;
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    return false;
  }
}

/**
 * @throws {InvalidNameError} A directory is to be moved into itself, or something in it would have a name too
 * long.
 * @throws {ProtocolError} `permission-denied`: a file in it would have a name that none may have.
 */
async function refuseNames(
  top: Held,
  check: StorageCheck,
  { name, to }: { name: string; to: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  if (to.startsWith(`${name}/`)) {
    throw new InvalidNameError(`Cannot move "${name}" to "${to}": that is inside of it`);
  }
  const longer = utf8.encode(to).length - utf8.encode(name).length;
  const deeper = to.split("/").length - name.split("/").length;
  if (longer <= 0 && deeper <= 0 && !check.narrowsNames) return;
  const walk = new FileWalk({ prefix: `${name}/`, after: "" });
  const context = { top, pace: new Pace(signal), onUnreadable: () => {} };
  for (;;) {
    const below = await walk.peek(context);
    if (below === undefined) return;
    walk.skip();
    check.checkName(to + below.slice(name.length));
    const length = utf8.encode(below).length + longer;
    if (length <= MAX_NAME_LENGTH && below.split("/").length + deeper <= MAX_SEGMENTS) continue;
    throw new InvalidNameError(
      `Cannot move "${name}" to "${to}": the name of "${below}" would be too long, or too deep`,
    );
  }
}

async function moveDirectory(from: string, to: Place): Promise<void> {
  try {
    for (let attempt = 1;; attempt++) {
      using held = await to.make();
      await to.refuseOtherNames?.();
      if (await renameDirectory(from, held, to.name, attempt === MAX_ATTEMPTS)) return;
    }
  } catch (error) {
    await to.unmake();
    if (error instanceof SystemError && error.code === "ENOTDIR") {
      throw new NotADirectoryError(`Cannot move to "${to.name}": a part of its path is a file`);
    }
    if (!isOnOtherDevice(error)) throw error;
    throw new OtherFileSystemError(`Cannot move to "${to.name}": it is on another file system`, {
      cause: error,
    });
  }
}

/** @returns Whether it is done; else others have removed the directory that it was to be in. */
async function renameDirectory(
  from: string,
  { path, directory }: HeldPlace,
  name: string,
  last: boolean,
): Promise<boolean> {
  try {
    const renamed = renameNew(from, path);
    if (renamed === "done") return true;
    if (renamed === "exists" || await isThere(path)) {
      throw new FileExistsError(`Cannot move to "${name}": something is there already`);
    }
    await renameFile(from, path);
    return true;
  } catch (error) {
    if (last || !isMissing(error) || !await isThere(from) || await isThere(directory)) throw error;
    return false;
  }
}
