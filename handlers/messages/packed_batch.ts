import {
  type ByteSource,
  type FilePutRequest,
  MessageReader,
  ProtocolError,
  wireErrorOf,
} from "../../protocol/mod.ts";
import { Pace, type SmallFileBatch } from "../../transfer/mod.ts";
import { GroupedFiles } from "./grouped_files.ts";
import type { HandlerContext } from "./handler.ts";
import { checkAllowed } from "./check_allowed.ts";
import { storeFile, storerOf } from "./store_file.ts";

/** What refuses a file where another one is. */
const IS_THERE: ReadonlySet<string> = new Set(["file-exists", "not-newer"]);

/** How many files are flushed together at most, and of how many bytes. */
const MAX_FILES = 256;
const MAX_BYTES = 4 * 1024 * 1024;

/** Those of all requests. */
const grouped = new GroupedFiles();

/** When to send again what a server that stood still does not take, in milliseconds. */
const STILL_MS = 1000;

/** A file that has come. */
interface Packed {
  readonly request: FilePutRequest;
  /** The file's bytes and, behind them, their SHA-256. */
  readonly content: Uint8Array;
  /** Whether an earlier request may have stored it. */
  readonly repeated: boolean;
  /** Why it is not stored, if that is known. */
  readonly refusal?: unknown;
}

/** What has become of one. */
export interface PackedOutcome {
  readonly request: FilePutRequest;
  /** What it is called on the server. */
  readonly name: string;
  /** Why it is not stored; `undefined` if it is. */
  readonly error?: unknown;
}

/** Files that are flushed together. */
interface Group {
  readonly packed: Packed[];
  readonly files: SmallFileBatch;
  /** Of all of them together. */
  bytes: number;
}

/** Files that have got their names, which have not been flushed. */
interface Placed {
  readonly outcomes: readonly PackedOutcome[];
  readonly files: SmallFileBatch;
}

/**
 * Small files of one request that are stored, and flushed to the disk, together. One group is flushed at a time; what
 * comes meanwhile is the next. The names of a group are flushed with the bytes of the next one, for which a file
 * system with a journal writes that once.
 */
export class PackedBatch implements AsyncDisposable {
  readonly #context: HandlerContext;
  readonly #onDone: (stored: PackedOutcome) => void;
  readonly #pace: Pace;
  /** Nothing is flushed, and nothing would be gained by waiting for others. */
  #alone = false;
  /** What comes. */
  #coming: Group | undefined;
  #flushing: Group | undefined;
  #placed: Placed | undefined;
  /** Until nothing is left to be flushed; for good, if that has failed. */
  #running: Promise<void> | undefined;
  #step = nextStep();

  /** @param onDone Is told of each file in its turn: that it is stored, or why it is not. */
  constructor(
    context: HandlerContext,
    onDone: (stored: PackedOutcome) => void,
  ) {
    this.#context = context;
    this.#onDone = onDone;
    this.#pace = new Pace(context.signal);
  }

  /** Whether some have come of which nothing was told yet. */
  get waiting(): boolean {
    return this.#coming !== undefined || this.#running !== undefined;
  }

  /**
   * Stores one, or has it wait for others.
   *
   * @param content Borrowed until this is done.
   * @throws As {@linkcode advance}.
   */
  async add(request: FilePutRequest, content: Uint8Array, repeated: boolean): Promise<void> {
    const group = this.#alone ? undefined : this.#coming ??= this.#begin();
    if (group === undefined) {
      this.#alone = true;
      const place = () => this.#context.files.storeNow(request, content, storerOf(this.#context));
      return this.#onDone(await this.#storeOne(place, { request, content, repeated }));
    }
    const refusal = this.#stage(group.files, request, content);
    group.packed.push({ request, content: content.slice(), repeated, refusal });
    group.bytes += content.length;
    grouped.add(content.length);
    const isFull = group.packed.length >= MAX_FILES || group.bytes >= MAX_BYTES || grouped.full;
    while (isFull && this.#coming === group) await this.advance();
  }

  /**
   * Has what is there stored, and waits for the next step of that: something was told of, or more may come.
   *
   * @throws The request has ended; or the worker stood still for a while.
   */
  advance(): Promise<void> {
    const { promise } = this.#step; // to be taken is a step
    if (this.#running === undefined && this.#coming !== undefined) this.#running = this.#run();
    return promise;
  }

  #begin(): Group | undefined {
    const files = this.#context.files.storeTogether?.();
    return files === undefined ? undefined : { packed: [], files, bytes: 0 };
  }

  /** @returns Why it is not to be stored, if that is known. */
  #stage(files: SmallFileBatch, request: FilePutRequest, content: Uint8Array): unknown {
    try {
      checkAllowed(request, this.#context);
      files.add(request, content, storerOf(this.#context));
      return undefined;
    } catch (refusal) {
      files.skip();
      return refusal;
    }
  }

  async #run(): Promise<void> {
    try {
      while (this.#coming !== undefined || this.#placed !== undefined) await this.#storeGroup();
      this.#running = undefined;
      this.#advanced();
    } catch (error) {
      this.#step.reject(error);
    }
  }

  /** Flushes what has come, with the names of those before, and gives them their names. */
  async #storeGroup(): Promise<void> {
    const group = this.#flushing = this.#coming;
    this.#coming = undefined;
    this.#advanced();
    await group?.files.writeOut();
    const [, named] = await Promise.allSettled([group?.files.flush(), this.#flushNames()]);
    if (named.status === "rejected") throw named.reason;
    if (group !== undefined) await this.#place(group);
    this.#flushing = undefined;
    if (group !== undefined) grouped.remove(group.packed.length, group.bytes);
  }

  async #flushNames(): Promise<void> {
    const placed = this.#placed;
    if (placed === undefined) return;
    await placed.files.flushNames();
    this.#placed = undefined;
    placed.files[Symbol.dispose]();
    for (const outcome of placed.outcomes) this.#onDone(outcome);
    this.#advanced();
  }

  /** Gives them their names, one after the other. */
  async #place({ packed, files }: Group): Promise<void> {
    this.#pace.resume();
    refuseOld(this.#context);
    const outcomes: PackedOutcome[] = [];
    for (const [index, file] of packed.entries()) {
      outcomes.push(await this.#storeOne(() => files.place(index, file.request), file));
      if (!this.#pace.due) continue;
      await this.#pace.rest();
      refuseOld(this.#context);
    }
    this.#placed = { outcomes, files };
  }

  /** Of a group that does not wait any more, in whatever way it has ended. */
  #release(group: Group | undefined): void {
    if (group === undefined) return;
    grouped.remove(group.packed.length, group.bytes);
    group.packed.length = group.bytes = 0;
    group.files[Symbol.dispose]();
  }

  #advanced(): void {
    this.#step.resolve();
    this.#step = nextStep();
  }

  async #storeOne(place: () => string | undefined, file: Packed): Promise<PackedOutcome> {
    const { request, content, repeated, refusal } = file;
    const context = this.#context;
    let { name } = request;
    try {
      if (refusal !== undefined) throw refusal;
      checkAllowed(request, context);
      if (place() === undefined) {
        using target = context.files.target(name, storerOf(context));
        const data = new MessageReader(memorySource(content));
        await storeFile(context, target, request, data).finally(() => name = target.name);
      } else context.beginTransfer(name)[Symbol.dispose]();
    } catch (error) {
      context.signal.throwIfAborted();
      const bytes = content.subarray(0, request.size);
      const isThere = repeated && IS_THERE.has(wireErrorOf(error).code) &&
        await context.files.holds(name, bytes);
      if (!isThere) return { request, name: request.name, error };
    }
    return { request, name };
  }

  /** Gives up what is not stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#release(this.#coming);
    this.#coming = undefined;
    await this.#running;
    this.#release(this.#flushing);
    this.#placed?.files[Symbol.dispose]();
  }
}

function nextStep(): PromiseWithResolvers<void> {
  const step = Promise.withResolvers<void>();
  step.promise.catch(() => {}); // who waits for the next one hears of it
  return step;
}

/**
 * @throws {ProtocolError} `too-many-requests`: its client may have gone elsewhere with it long ago, and it may
 * have been replaced there; one that is there sends it again.
 */
export function refuseOld({ files }: Pick<HandlerContext, "files">): void {
  if (!files.wasStopped?.()) return;
  throw new ProtocolError("too-many-requests", "Server stood still for a while; send it again", {
    retryAfterMs: STILL_MS,
  });
}

function memorySource(bytes: Uint8Array): ByteSource {
  let rest: Uint8Array | null = bytes;
  return {
    read() {
      const all = rest;
      rest = null;
      return Promise.resolve(all);
    },
  };
}
