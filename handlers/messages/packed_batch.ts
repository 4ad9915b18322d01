import {
  type ByteSource,
  type FilePutRequest,
  MessageReader,
  ProtocolError,
  wireErrorOf,
} from "../../protocol/mod.ts";
import type { SmallFileBatch } from "../../transfer/mod.ts";
import type { HandlerContext } from "./handler.ts";
import { checkAllowed } from "./check_allowed.ts";
import { storeFile, storerOf } from "./store_file.ts";

/** What refuses a file where another one is. */
const IS_THERE: ReadonlySet<string> = new Set(["file-exists", "not-newer"]);

/** How many files are flushed together at most, and of how many bytes. */
const MAX_FILES = 64;
const MAX_BYTES = 2 * 1024 * 1024;

/** When to send again what a server that stood still does not take, in milliseconds. */
const STILL_MS = 1000;

/** How many such groups are flushed at once, while others are read. */
const MAX_GROUPS = 4;

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
  readonly packed: readonly Packed[];
  readonly files: SmallFileBatch;
  readonly flushed: Promise<void>;
}

/** Small files of one request that are stored, and flushed to the disk, together. */
export class PackedBatch implements AsyncDisposable {
  readonly #context: HandlerContext;
  readonly #onDone: (stored: PackedOutcome) => void;
  readonly #groups: Group[] = [];
  readonly #packed: Packed[] = [];
  #bytes = 0;
  /** `undefined`: nothing is flushed, and nothing would be gained by waiting for others. */
  #files: SmallFileBatch | undefined;

  /** @param onDone Is told of each file in its turn: that it is stored, or why it is not. */
  constructor(
    context: HandlerContext,
    onDone: (stored: PackedOutcome) => void,
  ) {
    this.#context = context;
    this.#onDone = onDone;
    this.#files = context.files.storeTogether?.();
  }

  /**
   * Stores one, or has it wait for others.
   *
   * @param content Borrowed until this is done.
   * @throws As {@linkcode store}.
   */
  async add(request: FilePutRequest, content: Uint8Array, repeated: boolean): Promise<void> {
    const files = this.#files;
    if (files === undefined) {
      const place = () => this.#context.files.storeNow(request, content, storerOf(this.#context));
      return this.#onDone(await this.#storeOne(place, { request, content, repeated }));
    }
    const refusal = this.#stage(files, request, content);
    this.#packed.push({ request, content: content.slice(), repeated, refusal });
    this.#bytes += content.length;
    if (this.#packed.length < MAX_FILES && this.#bytes < MAX_BYTES) return;
    this.#flush();
    while (this.#groups.length >= MAX_GROUPS) await this.#storeGroup();
  }

  /** Stores what is there. @throws The request has ended; or the worker stood still for a while. */
  async store(): Promise<void> {
    this.#flush();
    while (this.#groups.length > 0) await this.#storeGroup();
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

  #flush(): void {
    const files = this.#files;
    if (files === undefined || this.#packed.length === 0) return;
    this.#groups.push({ packed: this.#packed.splice(0), files, flushed: files.flush() });
    this.#bytes = 0;
    this.#files = this.#context.files.storeTogether?.();
  }

  /** Gives the files that came first their names, one after the other. */
  async #storeGroup(): Promise<void> {
    const group = this.#groups[0];
    if (group === undefined) return;
    await group.flushed;
    this.#groups.shift();
    using files = group.files;
    refuseOld(this.#context);
    const outcomes: PackedOutcome[] = [];
    for (const [index, file] of group.packed.entries()) {
      outcomes.push(await this.#storeOne(() => files.place(index, file.request), file));
    }
    await files.flushNames();
    for (const outcome of outcomes) this.#onDone(outcome);
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
    this.#files?.[Symbol.dispose]();
    for (const { files, flushed } of this.#groups.splice(0)) {
      await flushed;
      files[Symbol.dispose]();
    }
  }
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
