import { counted } from "../../base/counted.ts";
import { type FilePutRequest, ProtocolError } from "../../protocol/mod.ts";
import { diskSpace } from "../../ffi/files/disk_space.ts";
import { FileTooLargeError } from "../errors.ts";
import { makeRoom, stillToCome } from "./kept_uploads.ts";
import type { Place } from "../storage/place.ts";
import type { NoRoom, Reservation } from "../storage/space_account.ts";
import type { UploadStorage } from "./upload.ts";
import { stagedAs } from "./upload_key.ts";

/** From this size on, in bytes, room is reserved; below, it is only looked whether there is some. */
const LARGE = 1024 * 1024;

/** A file that is staged. */
interface Staged {
  readonly path: string;
  /** Tells other processes that it was promised room. Of one that cannot, they do not know. */
  announce?(): Promise<void>;
}

/**
 * Has room reserved for what is still to come of an upload; if there is too little, in the place of uploads
 * that were interrupted.
 *
 * @param place Where the file is to be: if that is on another file system, there must be room, too.
 * @returns `undefined` for a small one.
 * @throws {ProtocolError} `no-space`, with how much is missing.
 * @throws {FileTooLargeError}
 */
export async function reserveRoom(
  storage: UploadStorage,
  request: FilePutRequest,
  { path, announce = () => Promise.resolve() }: Staged,
  place: Place,
  signal?: AbortSignal,
): Promise<Reservation | undefined> {
  const { staging, space, tryLock } = storage;
  const { name, size, id } = request;
  const owner = id === undefined ? undefined : stagedAs({ ...request, id });
  const makeMore = async (missing: number) =>
    tryLock !== undefined && await makeRoom(staging, tryLock, missing, owner);
  if (size < LARGE) {
    const missing = space.missingFor(staging, size);
    if (missing <= 0 || await makeMore(missing)) return undefined;
    throw refusal(name, size, { lacks: "disk", missing });
  }
  const missing = await missingAt(place, staging, size);
  if (missing > 0) throw refusal(name, size, { lacks: "disk", missing });
  const room = await space.reserve({
    directory: staging,
    path,
    bytes: size,
    makeRoom: makeMore,
    promisedByOthers: (own) => stillToCome(staging, tryLock, own),
    announce,
  }, signal);
  if ("lacks" in room) throw refusal(name, size, room);
  return room;
}

/**
 * Bounds a file whose size nobody knows before: room cannot be reserved for it, but what is to stay free does.
 *
 * @returns Takes how many bytes there are of it, whenever there are more.
 * @throws {ProtocolError} `no-space` or `file-too-large`; thrown by what is returned.
 */
export function boundStream({ staging, space, check }: UploadStorage): (received: number) => void {
  let taken = 0;
  return (received) => {
    check.checkSize(received);
    if (!space.take(staging, received - taken)) {
      throw new ProtocolError(
        "no-space",
        `No more than the first ${
          counted(received, "byte")
        } fit on the server's disk, and more may come`,
      );
    }
    taken = received;
  };
}

/** How many bytes are missing at a place on another file system, where that can be told already. */
async function missingAt(place: Place, staging: string, size: number): Promise<number> {
  using held = await place.hold();
  if (held === undefined) return 0;
  const [there, here] = await Promise.all([Deno.stat(held.directory), Deno.stat(staging)]);
  if (there.dev === here.dev) return 0;
  return size - (diskSpace(held.directory)?.free ?? Infinity);
}

/** Said as it is to the client: which has to know how much is missing. */
function refusal(
  name: string,
  size: number,
  { lacks, missing }: NoRoom,
): ProtocolError | FileTooLargeError {
  switch (lacks) {
    case "length":
      return new FileTooLargeError(
        `Cannot store "${name}": a file of ${counted(size, "byte")} is too large`,
      );
    case "share":
      return new ProtocolError(
        "no-space",
        `A file of ${counted(size, "byte")} does not fit into the server's share of its disk`,
      );
    case "disk":
      return new ProtocolError(
        "no-space",
        `A file of ${counted(size, "byte")} does not fit on the server's disk: ${missing} ${
          missing === 1 ? "is" : "are"
        } missing`,
      );
  }
}
