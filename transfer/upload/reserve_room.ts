import type { FilePutRequest } from "../../protocol/mod.ts";
import { NoSpaceError } from "../errors.ts";
import { makeRoom } from "./kept_uploads.ts";
import type { Place } from "../storage/place.ts";
import { freeBytes, type Reservation } from "../storage/space_account.ts";
import type { UploadStorage } from "./upload.ts";
import { stagedAs } from "./upload_key.ts";

/** From this size on, in bytes, it is worth asking whether the disk has room. */
const LARGE = 1024 * 1024;

/** And from this size on, to ask at the place where it is to be. */
const HUGE = 64 * LARGE;

/**
 * Has room promised for what is still to come of an upload; if there is too little, in the place of
 * uploads that were interrupted.
 *
 * @param place Where the file is to be: if that is on another file system, there must be room, too.
 * @returns `undefined` for a small one.
 * @throws {NoSpaceError}
 */
export async function reserveRoom(
  storage: UploadStorage,
  request: FilePutRequest,
  place: Place,
): Promise<Reservation | undefined> {
  const { staging, space, tryLock } = storage;
  const { name, size, offset = 0, id } = request;
  // What is there of it has its room already.
  const bytes = size - offset;
  if (bytes < LARGE) return undefined;
  if (size >= HUGE && !await fitsAt(place, staging, size)) throw tooLarge(name, size);
  const own = id === undefined ? undefined : stagedAs({ ...request, id });
  const room = await space.reserve(
    staging,
    bytes,
    async (missing) => tryLock !== undefined && await makeRoom(staging, tryLock, missing, own),
  );
  if (room !== undefined) return room;
  throw tooLarge(name, size);
}

/** Whether there is room at a place on another file system, where that can be told already. */
async function fitsAt(place: Place, staging: string, size: number): Promise<boolean> {
  using held = await place.hold();
  if (held === undefined) return true;
  const [there, here] = await Promise.all([Deno.stat(held.directory), Deno.stat(staging)]);
  return there.dev === here.dev || size <= await freeBytes(held.directory);
}

function tooLarge(name: string, size: number): NoSpaceError {
  return new NoSpaceError(`Cannot store "${name}": its ${size} bytes do not fit on the disk`);
}
