import { getLogger } from "@logtape/logtape";
import { spaceError } from "../errors.ts";
import { isGone } from "./absence.ts";
import { countStored } from "./count_stored.ts";
import { holdDirectory } from "./hold_directory.ts";
import { holdRoot } from "./held_root.ts";
import { Pace } from "./pace.ts";
import { countsFor, tokenKey } from "./quotas.ts";
import type { StorageRoot } from "./storage_root.ts";
import { storerOf } from "./storer_note.ts";
import { UsageBook, type Used } from "./usage_book.ts";
import { lockUsage, tryLockUsage } from "./usage_lock.ts";

const logger = getLogger(["msquicd", "transfer"]);

/** Before something is refused that was counted longer ago, it is counted again, in milliseconds. */
const OLD_MS = 10_000;

/** But counting is to take no more than such a part of the time. */
const COUNTING_PART = 20;

/** A file, as far as quotas go. */
export interface Measured {
  /** 0 if there is none. */
  readonly bytes: number;
  /** By which token it was stored. */
  readonly storer: string | undefined;
}

/** What there is where there is no file. */
export const NO_FILE: Measured = { bytes: 0, storer: undefined };

/** What is used of a storage's quotas, which nobody else changes until it is disposed of. */
export class Usage implements Disposable {
  readonly #root: StorageRoot;
  readonly #book: UsageBook;
  #resources: Disposable | undefined;

  private constructor(root: StorageRoot, book: UsageBook) {
    this.#root = root;
    this.#book = book;
  }

  /**
   * Opens what is used, and counts first where that is not known.
   *
   * @param since What was counted before, in milliseconds since 1970, is not to be relied on.
   * @throws {ProtocolError} `storage-unavailable`: others have it for too long.
   */
  static async open(root: StorageRoot, signal?: AbortSignal, since?: number): Promise<Usage> {
    using stack = new DisposableStack();
    stack.use(await root.quotas.turns.enter(signal));
    stack.use(await lockUsage(root.staging, signal));
    const usage = Usage.#use(root, stack);
    if (!usage.#isCountedSince(since)) await usage.recount();
    usage.#resources = stack.move();
    return usage;
  }

  /** Does so at once. @returns `undefined`: others have it, or it has to be counted. */
  static openNow(root: StorageRoot): Usage | undefined {
    using stack = new DisposableStack();
    const turn = root.quotas.turns.tryEnter();
    if (turn === undefined) return undefined;
    stack.use(turn);
    const lock = tryLockUsage(root.staging);
    if (lock === undefined) return undefined;
    stack.use(lock);
    const usage = Usage.#use(root, stack);
    if (!usage.#isCountedSince()) return undefined;
    usage.#resources = stack.move();
    return usage;
  }

  static #use(root: StorageRoot, stack: DisposableStack): Usage {
    // Not by the path's own text, which may lead to a directory that is held, wherever that is.
    using own = holdDirectory(`${root.staging}/..`);
    return new Usage(root, stack.use(UsageBook.open(own)));
  }

  /** Whether it was counted so long ago that something may have been changed from outside since. */
  get isOld(): boolean {
    const { countedAt = -Infinity, countMs } = this.#book;
    return Math.abs(Date.now() - countedAt) > Math.max(OLD_MS, countMs * COUNTING_PART);
  }

  /** What is used of a quota. */
  used(key: string): Used {
    return this.#book.used(key) ?? { stored: 0, promised: 0 };
  }

  /** Adds to what is promised of a quota. */
  promise(key: string, bytes: number): void {
    this.#book.add(key, { promised: bytes });
  }

  /** Counts what is stored. What is promised stays. */
  async recount(): Promise<void> {
    const countedAt = Date.now();
    const began = performance.now();
    const keys = new Set(this.#root.quotas.all.map(({ key }) => key));
    // Those of others, who have other quotas for a while.
    if (this.#book.countedAt !== undefined) { for (const key of this.#book.keys) keys.add(key); }
    using top = holdRoot(this.#root);
    const stored = await countStored(top, [...keys], new Pace());
    const used = Array.from(stored, ([key, bytes]): [string, Used] => {
      return [key, { stored: bytes, promised: this.used(key).promised }];
    });
    const ms = performance.now() - began;
    this.#book.renew(new Map(used), countedAt, ms);
    logger.debug("Counted what is used of {count} quotas, in {ms} ms", {
      count: keys.size,
      ms: Math.round(ms),
    });
  }

  /** From now on until {@linkcode settle}, what is counted may not be what there is. */
  begin(): void {
    this.#book.begin();
  }

  settle(): void {
    this.#book.settle();
  }

  /** Notes that there is another file of a name than before. */
  change(name: string, before: Measured, after: Measured): void {
    for (const key of this.#book.directories) {
      const bytes = bytesFor(key, name, after) - bytesFor(key, name, before);
      if (bytes !== 0) this.#book.add(key, { stored: bytes });
    }
    if (before.storer !== undefined) this.store(tokenKey(before.storer), -before.bytes);
    if (after.storer !== undefined) this.store(tokenKey(after.storer), after.bytes);
  }

  /** Adds to what is stored for a quota. */
  store(key: string, bytes: number): void {
    this.#book.add(key, { stored: bytes });
  }

  /** The quotas that are counted, those of others as well. */
  get keys(): string[] {
    return this.#book.keys;
  }

  [Symbol.dispose](): void {
    this.#resources?.[Symbol.dispose]();
    this.#resources = undefined;
  }

  #isCountedSince(since = -Infinity): boolean {
    const { countedAt, countMs } = this.#book;
    const { quotas } = this.#root;
    if (countedAt === undefined || countedAt > Date.now()) return false;
    // Of workers that start one after the other not each counts anew what takes long to count.
    const wanted = Math.max(since, quotas.since) - countMs * COUNTING_PART;
    if (countedAt < Math.max(wanted, quotas.changedAt)) return false;
    return quotas.all.every(({ key }) => this.#book.used(key) !== undefined);
  }
}

/** How much a file counts for a quota, in bytes. */
export function bytesFor(key: string, name: string, { bytes, storer }: Measured): number {
  return countsFor(key, name, storer) ? bytes : 0;
}

/** Looks at a file that quotas may be concerned with. */
export async function measure(root: StorageRoot, path: string): Promise<Measured> {
  try {
    const { isFile, size } = await Deno.lstat(path);
    if (!isFile) return NO_FILE;
    return { bytes: size, storer: root.quotas.anyToken ? storerOf(path) : undefined };
  } catch (error) {
    if (isGone(error)) return NO_FILE;
    throw error;
  }
}

/** A name whose file is changed, and where that is. */
export interface ChangedName {
  readonly name: string;
  readonly path: string;
}

/**
 * Is asked before something is counted, and may refuse it.
 *
 * @returns What is to be done when it is done.
 */
export type UsageCheck = (
  usage: Usage,
  before: readonly Measured[],
) => Promise<(() => void) | undefined>;

/** Does something to files of a storage, and counts what that makes of its quotas. */
export async function counting<Result>(
  root: StorageRoot,
  changed: readonly ChangedName[],
  step: () => Promise<Result>,
  check?: UsageCheck,
): Promise<Result> {
  if (!changed.some(({ name }) => root.quotas.concerns(name))) return await step();
  using usage = await openIfRoom(root);
  // It is counted by whoever can write down what has been counted.
  if (usage === undefined) return await step();
  const look = () => Promise.all(changed.map(({ path }) => measure(root, path)));
  const before = await look();
  const done = await check?.(usage, before);
  usage.begin();
  try {
    const result = await step();
    done?.();
    return result;
  } finally {
    const after = await look();
    for (const [index, { name }] of changed.entries()) {
      usage.change(name, before[index] ?? NO_FILE, after[index] ?? NO_FILE);
    }
    usage.settle();
  }
}

/** `undefined`: there is no room for it, and somebody may be about to make some. */
async function openIfRoom(root: StorageRoot): Promise<Usage | undefined> {
  try {
    return await Usage.open(root);
  } catch (error) {
    if (spaceError(error, "") === undefined) throw error;
    return undefined;
  }
}
