import { type FilePutRequest, ProtocolError } from "../../protocol/mod.ts";
import { formatBytes } from "../../base/format_bytes.ts";
import { FileTooLargeError, noRoom } from "../errors.ts";
import { makeRoom, stillToCome } from "./kept_uploads.ts";
import type { Place } from "../storage/place.ts";
import type { NoRoom } from "../storage/space_account.ts";
import type { UploadStorage } from "./upload.ts";
import { otherDiskOf, reserveElsewhere } from "./room_elsewhere.ts";
import { stagedAs } from "./upload_key.ts";

/** From this size on, in bytes, room is reserved; below, it is only looked whether there is some. */
const LARGE = 1024 * 1024;

/** Of a small file, of which it is only looked whether it fits. */
const NOTHING_RESERVED: RoomForUpload = {
  progress() {},
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Room that an upload has; disposed of, what is left of it is given back. */
export interface RoomForUpload extends AsyncDisposable {
  /**
   * Is told how many bytes of the file there are, whenever there are more.
   *
   * @throws {ProtocolError} `no-space` or `file-too-large`, of one whose size nobody knew before.
   */
  progress(received: number): void;
}

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
 * @param place Where the file is to be: if that is on another file system, there must be room, too, and is
 * reserved there.
 * @throws {ProtocolError} `no-space`, with how much is missing.
 * @throws {FileTooLargeError}
 */
export async function reserveRoom(
  storage: UploadStorage & { readonly owner?: string },
  request: FilePutRequest,
  { path, announce = () => Promise.resolve() }: Staged,
  place: Place,
  signal?: AbortSignal,
): Promise<RoomForUpload> {
  const { staging, space, tryLock } = storage;
  const { name, size, id } = request;
  const owner = id === undefined ? undefined : stagedAs({ ...request, id });
  const makeMore = async (missing: number) =>
    tryLock !== undefined && await makeRoom(staging, tryLock, missing, owner);
  await using stack = new AsyncDisposableStack();
  const small = size < LARGE;
  const there = await reserveElsewhere(
    storage,
    name,
    small ? undefined : storage.owner,
    size,
    signal,
  );
  if (there !== undefined && "lacks" in there) throw refusal(name, size, there);
  if (small) {
    const missing = space.missingFor(staging, size);
    if (missing <= 0 || await makeMore(missing)) return NOTHING_RESERVED;
    throw refusal(name, size, { lacks: "disk", missing });
  }
  if (there !== undefined) place.reserved = stack.use(there);
  const room = await space.reserve({
    directory: staging,
    path,
    bytes: size,
    makeRoom: makeMore,
    promisedByOthers: (own) => stillToCome(staging, tryLock, own),
    announce,
  }, signal);
  if ("lacks" in room) throw refusal(name, size, room);
  const { left } = stack.use(room);
  const kept = stack.move();
  return {
    progress: (received) => left(size - received),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/**
 * Bounds a file whose size nobody knows before: room cannot be reserved for it, but what is to stay free does,
 * here and where the file is to be.
 *
 * @throws {StorageUnavailableError}
 */
export async function boundStream(
  storage: UploadStorage,
  name: string,
): Promise<RoomForUpload> {
  const { staging, space, check } = storage;
  const disk = await otherDiskOf(storage, name);
  let taken = 0;
  return {
    progress(received) {
      check.checkSize(received);
      const fits = space.take(staging, received - taken) &&
        // All of it is copied there in the end.
        (disk === undefined || space.missingOn(disk.directory, received) <= 0);
      taken = received;
      if (fits) return;
      throw new ProtocolError(
        "no-space",
        `No more than the first ${
          formatBytes(received)
        } fit on the server's disk, and more may come`,
      );
    },
    [Symbol.asyncDispose]() {
      disk?.[Symbol.dispose]();
      return Promise.resolve();
    },
  };
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
        `Cannot store "${name}": a file of ${formatBytes(size)} is too large`,
      );
    case "share":
      return new ProtocolError(
        "no-space",
        `A file of ${
          formatBytes(size)
        } does not fit into what the server may use of its disk: the quota of its user there is used up`,
      );
    case "disk":
      return noRoom(size, missing);
  }
}
