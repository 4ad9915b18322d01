import { formatBytes } from "../../base/format_bytes.ts";
import { WHOLE } from "../../base/quotas.ts";
import { ProtocolError } from "../../protocol/mod.ts";
import { NoSpaceError } from "../errors.ts";
import type { Place } from "../storage/place.ts";
import { holdNearest } from "../storage/stored_place.ts";
import type { Quota } from "../storage/quotas.ts";
import { canNoteStorers } from "../storage/storer_note.ts";
import { bytesFor, counting, measure, type Measured, NO_FILE, Usage } from "../storage/usage.ts";
import { giveUp } from "./kept_uploads.ts";
import { listPromised, type Promised, promisedFor } from "./promises.ts";
import type { UploadNote } from "./upload_notes.ts";
import type { UploadStorage } from "./upload_storage.ts";

/** What room in quotas is wanted for. */
export interface QuotaWish {
  readonly name: string;
  /** By which token it is stored. */
  readonly storer: string | undefined;
  /** In bytes. */
  readonly size: number;
  /** Whether that is only what there is of it so far. */
  readonly open?: boolean;
  /** Whether it may replace a file, which then counts no more. */
  readonly replaces: boolean;
  /** By which it is written down what is staged of it. */
  readonly key: string;
  /** Writes it down. */
  announce(note: UploadNote): Promise<boolean>;
}

/** Room in quotas, until it is published. */
export interface QuotaRoom {
  /**
   * Has room for more.
   *
   * @param size In bytes, of the whole file.
   * @param atAnyCost Whether interrupted uploads are to go for it.
   * @throws {ProtocolError} `quota-exceeded`.
   */
  grow(size: number, atAnyCost: boolean): Promise<void>;
}

/** Bytes that are to be stored. */
export interface Wanted {
  /** Of the file or files, in bytes. */
  readonly size: number;
  /** Whether it is several files. */
  readonly many?: true;
  /** Whether more may come. */
  readonly open?: boolean;
  /** How much more of a quota they use than is used now, in bytes. */
  more(key: string): number;
  /** Those that there has to be room in. */
  readonly quotas: readonly Quota[];
  /** By which it is written down what is staged of them, which does not count besides. */
  readonly except?: string;
  /** Whether what is kept of interrupted uploads is to go for them. */
  readonly atAnyCost: boolean;
}

/**
 * Has room in the quotas that a file counts for, over all processes with the same storage, and has the file
 * counted when it is published.
 *
 * @returns `undefined` if there is no such quota.
 * @throws {ProtocolError} `quota-exceeded`, with whose quota it is, and how much is missing.
 */
export async function reserveInQuotas(
  storage: UploadStorage,
  wish: QuotaWish,
  place: Place,
  signal?: AbortSignal,
): Promise<QuotaRoom | undefined> {
  const { name, storer, replaces, open = false, key: except } = wish;
  const quotas = storage.quotas.of(name, storer);
  if (quotas.length === 0) return undefined;
  if (quotas.some(({ of }) => of === "token")) await checkNotes(storage, place);
  let [promised, replaced] = [0, NO_FILE];
  await grow(wish.size, true);
  place.counted = (path, step) =>
    counting(storage, [{ name, path }], step, async (usage, [before = NO_FILE]) => {
      const size = promised;
      const isKept = ({ key }: Quota) =>
        bytesFor(key, name, before) < bytesFor(key, name, replaced);
      // What it was to replace has got another name meanwhile, for example.
      if (quotas.some(isKept)) {
        const more = (key: string) => moreOf(key, size, before);
        await findWithoutOwn(usage, { size, more, quotas, except, atAnyCost: true });
      }
      return () => {
        for (const { key } of quotas) usage.promise(key, -moreOf(key, size, replaced));
        [promised, replaced] = [0, NO_FILE];
      };
    });
  return { grow };

  async function grow(size: number, atAnyCost: boolean): Promise<void> {
    using usage = await Usage.open(storage, signal);
    const before = replaces ? await lookAt(place) : NO_FILE;
    const more = (key: string) => moreOf(key, size, before);
    await findWithoutOwn(usage, { size, more, quotas, except, open, atAnyCost });
    const told = await wish.announce({
      ...{ name, size, counts: true },
      ...(storer === undefined ? {} : { storer }),
      ...(before.bytes === 0 ? {} : { replaces: replacedBy(before) }),
    });
    if (!told) throw new NoSpaceError(`Cannot write down that there is room for "${name}"`);
    for (const { key } of quotas) usage.promise(key, more(key) - moreOf(key, promised, replaced));
    [promised, replaced] = [size, before];
  }

  /** What it was promised before does not count besides, and still does afterwards. */
  async function findWithoutOwn(usage: Usage, wanted: Wanted): Promise<void> {
    const own = quotas.map(({ key }) => [key, moreOf(key, promised, replaced)] as const);
    for (const [key, bytes] of own) usage.promise(key, -bytes);
    try {
      await findRoom(storage, usage, wanted);
    } finally {
      for (const [key, bytes] of own) usage.promise(key, bytes);
    }
  }

  function moreOf(key: string, size: number, before: Measured): number {
    return Math.max(0, size - bytesFor(key, name, before));
  }

  async function lookAt(place: Place): Promise<Measured> {
    using held = await place.hold();
    return held === undefined ? NO_FILE : await measure(storage, held.path);
  }
}

/** How much more room a file of unknown size is given at a time, in bytes: at first, and at most. */
const FIRST_STEP = 1024 * 1024;
const LAST_STEP = 64 * 1024 * 1024;

/** Less is not asked for beyond what there is. */
const LEAST_STEP = 64 * 1024;

/**
 * Has room for a file as it comes.
 *
 * @returns Is told how many bytes of it there are; returns when it has room for them, if it had not.
 */
export function growInSteps(room: QuotaRoom): (received: number) => void | Promise<void> {
  let granted = 1;
  let step = FIRST_STEP;
  return (received) => received <= granted ? undefined : grow(received);

  async function grow(received: number): Promise<void> {
    for (; step >= LEAST_STEP; step /= 2) {
      try {
        // Nothing that others want to go on with is to go for what may never come.
        await room.grow(received + step, false);
        granted = received + step;
        step = Math.min(step * 2, LAST_STEP);
        return;
      } catch (error) {
        if (!(error instanceof ProtocolError) || error.code !== "quota-exceeded") throw error;
      }
    }
    await room.grow(received, true);
    granted = received;
  }
}

/**
 * Looks for room in quotas, and makes some where it can: of what is kept of interrupted uploads the oldest go,
 * as many as it takes, and none if that would not do.
 *
 * @throws {ProtocolError} `quota-exceeded`.
 */
export async function findRoom(
  storage: UploadStorage,
  usage: Usage,
  wanted: Wanted,
): Promise<void> {
  const { staging, tryLock } = storage;
  const { more, quotas, except, atAnyCost } = wanted;
  const missingIn = ({ key, bytes }: Quota, promised: number): number =>
    more(key) <= 0 ? 0 : usage.used(key).stored + promised + more(key) - bytes;
  if (quotas.every((quota) => missingIn(quota, usage.used(quota.key).promised) <= 0)) return;
  const all = await listPromised(staging, tryLock, except);
  for (const { key } of storage.quotas.all) {
    usage.promise(key, sumOf(all, key) - usage.used(key).promised);
  }
  const isLacking = (quota: Quota) => missingIn(quota, sumOf(all, quota.key)) > 0;
  if (atAnyCost && usage.isOld && quotas.some(isLacking)) await usage.recount();
  const going = new Set<Promised>();
  let worst: { quota: Quota; missing: number } | undefined;
  for (const quota of quotas.filter(isLacking)) {
    const rest = () => missingIn(quota, sumOf(all.filter((one) => !going.has(one)), quota.key));
    for (const upload of all) {
      if (rest() <= 0 || !atAnyCost) break;
      if (upload.idle && promisedFor(quota.key, upload) > 0) going.add(upload);
    }
    const missing = rest();
    if (missing > (worst?.missing ?? 0)) worst = { quota, missing };
  }
  if (worst !== undefined) throw refusal(wanted, worst.quota, usage, worst.missing, all);
  for (const upload of going) {
    // Somebody may have gone on with it this moment.
    if (tryLock === undefined || !await giveUp(storage, upload, tryLock)) {
      return await findRoom(storage, usage, wanted);
    }
    for (const { key } of storage.quotas.all) usage.promise(key, -promisedFor(key, upload));
  }
}

function sumOf(promised: readonly Promised[], key: string): number {
  return promised.reduce((sum, one) => sum + promisedFor(key, one), 0);
}

/** Said as it is to the client: whose quota it is, how large, and how much of it is used. */
function refusal(
  { size, many, open }: Wanted,
  quota: Quota,
  usage: Usage,
  missing: number,
  promised: readonly Promised[],
): ProtocolError {
  const { key, of, name, bytes } = quota;
  const active = sumOf(promised.filter(({ idle }) => !idle), key);
  const whose = of === "token"
    ? `the quota of token "${name}"`
    : name === WHOLE
    ? "the quota of all files"
    : `the quota of directory "${name}"`;
  const used = `${formatBytes(usage.used(key).stored + active)} of ${formatBytes(bytes)} are used`;
  const underWay = active > 0 ? `, ${formatBytes(active)} of them by uploads under way` : "";
  if (open) {
    return new ProtocolError(
      "quota-exceeded",
      `No more than the first ${
        formatBytes(Math.max(0, size - missing))
      } fit into ${whose}, and more may come: ${used}${underWay}`,
    );
  }
  const what = many ? `Files of ${formatBytes(size)} do` : `A file of ${formatBytes(size)} does`;
  return new ProtocolError(
    "quota-exceeded",
    `${what} not fit into ${whose}: ${used}${underWay}; ${formatBytes(missing)} missing`,
    { missingBytes: missing },
  );
}

/** @throws {ProtocolError} `permission-denied`: it cannot be noted whose a file is. */
async function checkNotes(storage: UploadStorage, place: Place): Promise<void> {
  const { held } = await holdNearest(storage, place.name);
  using _held = held;
  if (canNoteStorers(held.path) && canNoteStorers(storage.staging)) return;
  throw new ProtocolError(
    "permission-denied",
    `Cannot store "${place.name}" with a token that has a quota: the server's disk there cannot note ` +
      "whose a file is (extended attributes)",
  );
}

function replacedBy({ bytes, storer }: Measured) {
  return storer === undefined ? { bytes } : { bytes, storer };
}
