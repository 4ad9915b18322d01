import type { FilePutRequest } from "../protocol/mod.ts";
import { NoSpaceError } from "./errors.ts";
import { makeRoom } from "./kept_uploads.ts";
import type { Reservation } from "./space_account.ts";
import type { UploadStorage } from "./upload.ts";
import { stagedAs } from "./upload_key.ts";

/** From this size on, in bytes, it is worth asking whether the disk has room. */
const LARGE = 1024 * 1024;

/**
 * Has room promised for what is still to come of an upload; if there is too little, in the place of
 * uploads that were interrupted.
 *
 * @returns `undefined` for a small one.
 * @throws {NoSpaceError}
 */
export async function reserveRoom(
  storage: UploadStorage,
  request: FilePutRequest,
): Promise<Reservation | undefined> {
  const { staging, space, tryLock } = storage;
  const { name, size, offset = 0, id } = request;
  // What is there of it has its room already.
  const bytes = size - offset;
  if (bytes < LARGE) return undefined;
  const own = id === undefined ? undefined : stagedAs({ ...request, id });
  const room = await space.reserve(
    staging,
    bytes,
    async (missing) => tryLock !== undefined && await makeRoom(staging, tryLock, missing, own),
  );
  if (room !== undefined) return room;
  throw new NoSpaceError(`Cannot store "${name}": its ${size} bytes do not fit on the disk`);
}
