import { basename } from "node:path";
import { type FilePutRequest, ProtocolError } from "../../protocol/mod.ts";
import { formatBytes } from "../../base/format_bytes.ts";
import { FileTooLargeError, noRoom } from "../errors.ts";
import { makeRoom, stillToCome } from "./kept_uploads.ts";
import { isMissing } from "../storage/absence.ts";
import type { Place } from "../storage/place.ts";
import type { NoRoom } from "../storage/space_account.ts";
import { takenOver } from "./held_upload.ts";
import type { UploadStorage } from "./upload_storage.ts";
import { otherDiskOf, reserveElsewhere } from "./room_elsewhere.ts";
import { growInSteps, type QuotaRoom, reserveInQuotas } from "./quota_room.ts";
import { RESUMABLE_SIZE } from "./resumable_size.ts";
import { noteKeyOf, stagedAs } from "./upload_key.ts";
import { removeNote, type UploadNote, writeNote } from "./upload_notes.ts";

/** Room that an upload has; disposed of, what is left of it is given back. */
export interface RoomForUpload extends AsyncDisposable {
  /**
   * Is told how many bytes of the file there are, whenever there are more.
   *
   * @returns Where there is something to wait for, before there may be more.
   * @throws {ProtocolError} `no-space`, `quota-exceeded` or `file-too-large`, of one whose size nobody knew
   * before.
   */
  progress(received: number): void | Promise<void>;
}

/** A file that is staged. */
interface Staged {
  readonly path: string;
  /** Tells other processes what it was promised; by default, that is written down by its name. */
  announce?(note: Partial<UploadNote>): Promise<boolean>;
}

/**
 * Has room reserved for what is still to come of an upload; if there is too little, in the place of uploads
 * that were interrupted.
 *
 * @param place Where the file is to be: if that is on another file system, there must be room, too, and is
 * reserved there.
 * @throws {ProtocolError} `no-space` or `quota-exceeded`, with how much is missing.
 * @throws {FileTooLargeError}
 */
export async function reserveRoom(
  storage: UploadStorage & { readonly owner?: string },
  request: FilePutRequest & { readonly storer?: string },
  staged: Staged,
  place: Place,
  signal?: AbortSignal,
): Promise<RoomForUpload> {
  const { staging, space, tryLock } = storage;
  const { size, id } = request;
  // Where it is to be, which need not be what its client calls it.
  const { name } = place;
  const owner = id === undefined ? undefined : stagedAs({ ...request, id });
  const makeMore = async (missing: number) =>
    tryLock !== undefined && await makeRoom(storage, tryLock, missing, owner);
  await using stack = new AsyncDisposableStack();
  await inQuotas(storage, request, size, staged, place, stack, signal);
  const small = size < RESUMABLE_SIZE; // then it is only looked whether there is some
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
    if (missing > 0 && !await makeMore(missing)) {
      throw refusal(name, size, { lacks: "disk", missing });
    }
    const kept = stack.move();
    return { progress() {}, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  }
  if (there !== undefined) place.reserved = stack.use(there);
  const reserving = space.reserve({
    directory: staging,
    path: staged.path,
    bytes: size,
    makeRoom: makeMore,
    promisedByOthers: (own) => stillToCome(staging, tryLock, own),
    announce: async () => void await staged.announce?.({ promised: true }),
  }, signal);
  const room = await reserving.catch((error) => {
    throw isMissing(error) ? takenOver() : error;
  });
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
 * here and where the file is to be; and room in quotas is, as it comes.
 *
 * @throws {StorageUnavailableError}
 * @throws {ProtocolError} `quota-exceeded`: there is none at all.
 */
export async function boundStream(
  storage: UploadStorage,
  request: Pick<FilePutRequest, "name" | "overwrite"> & { readonly storer?: string },
  staged: Staged,
  place: Place,
  signal?: AbortSignal,
): Promise<RoomForUpload> {
  const { staging, space, check } = storage;
  await using stack = new AsyncDisposableStack();
  const room = await inQuotas(storage, { ...request, open: true }, 1, staged, place, stack, signal);
  const growing = room === undefined ? undefined : growInSteps(room);
  const disk = stack.use(await otherDiskOf(storage, place.name));
  const kept = stack.move();
  let taken = 0;
  return {
    progress(received) {
      check.checkSize(received);
      const fits = space.take(staging, received - taken) &&
        // All of it is copied there in the end.
        (disk === undefined || space.missingOn(disk.directory, received) <= 0);
      taken = received;
      if (fits) return growing?.(received);
      throw new ProtocolError(
        "no-space",
        `No more than the first ${
          formatBytes(received)
        } fit on the server's disk, and more may come`,
      );
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Has room in the quotas that a file counts for. */
async function inQuotas(
  storage: UploadStorage,
  { overwrite = "never", storer, open = false }: Pick<FilePutRequest, "overwrite"> & {
    readonly storer?: string;
    readonly open?: boolean;
  },
  size: number,
  { path, announce }: Staged,
  place: Place,
  stack: AsyncDisposableStack,
  signal: AbortSignal | undefined,
): Promise<QuotaRoom | undefined> {
  const { staging } = storage;
  const { name } = place;
  const key = noteKeyOf(basename(path));
  const write = announce ?? ((note: UploadNote) => writeNote(staging, key, note));
  const replaces = overwrite !== "never";
  const room = await reserveInQuotas(
    storage,
    { name, storer, size, open, replaces, key, announce: write },
    place,
    signal,
  );
  if (room !== undefined && announce === undefined) stack.defer(() => removeNote(staging, key));
  return room;
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
