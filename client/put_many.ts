import { setImmediate } from "node:timers";
import { checkOptions, checkWord, type OptionNames } from "../base/mod.ts";
import { nextTurn } from "../ffi/mod.ts";
import {
  ApplicationError,
  type FilePutManyRequest,
  type FilePutManyResponse,
  type MessageReader,
  messages,
  OVERWRITE_POLICIES,
  type OverwritePolicy,
  parseNewFileName,
  ProtocolError,
  RemoteError,
} from "../protocol/mod.ts";
import { Gate } from "../transfer/mod.ts";
import { outgoingBytes } from "./compression.ts";
import { checkAnswer, type Exchange, request, type RequestOptions } from "./exchange.ts";
import type { Link, LinkUse } from "./link.ts";
import { explained } from "./explained.ts";
import { isOfStream } from "./of_stream.ts";
import { type PackedFile, Packer } from "./packer.ts";
import type { PutResult } from "./put_options.ts";
import type { Request } from "./roaming.ts";
import { borrowSmall } from "./small_source.ts";
import { TransferMeter } from "./transfer_meter.ts";
import { stored, transferResult } from "./transfer_result.ts";

/** How much may be on its way, sent and not answered, in bytes and in files. */
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_FILES = 8192;

/** How many are under way at once where each has a request of its own. */
const ALONE_AT_ONCE = 64;

/** A file that `putMany` is to store. */
export interface ManyFile {
  /** A local file's path, or the bytes themselves. */
  source: string | Uint8Array;
  /** Its name on the server. */
  name: string;
  /** Why it cannot be stored, if that is known already: it is what becomes of it. */
  problem?: unknown;
}

/** How it went with one of them. */
export type ManyOutcome<File extends ManyFile> =
  | { file: File; result: PutResult }
  | { file: File; error: unknown };

/** What `putMany` takes. */
export interface PutManyOptions extends RequestOptions {
  /** What becomes of a file that has the name already; `never`, the default, keeps it. */
  overwrite?: OverwritePolicy;
}

const OPTION_NAMES: OptionNames<PutManyOptions> = { overwrite: true, signal: true };

/** What `putMany` needs of a client. */
export interface ManyServices {
  /** Stores a file by itself. */
  putOne(file: ManyFile, options: PutManyOptions): Promise<PutResult>;
  /** Runs a request that may be repeated. */
  run(request: Request<void>, options: RequestOptions): Promise<void>;
}

/** A file that is under way, or done and still to be told of. */
interface Entry<File extends ManyFile> {
  readonly file: File;
  /** When it was read, in milliseconds. */
  readonly since: number;
  /** Where it goes with others. */
  readonly packed?: PackedFile;
  outcome?: ManyOutcome<File>;
}

/** One attempt on one connection. */
interface Attempt {
  readonly sink: Exchange["sink"];
  over: boolean;
}

/** Stores many small files; see `Client.putMany`. */
export function putMany<File extends ManyFile>(
  services: ManyServices,
  files: Iterable<File> | AsyncIterable<File>,
  options: PutManyOptions,
): AsyncIterableIterator<ManyOutcome<File>> {
  checkOptions("Cannot store files", options, OPTION_NAMES);
  checkWord("Cannot store files", "overwrite", options.overwrite, OVERWRITE_POLICIES);
  return new Many(services, files, options).outcomes();
}

class Many<File extends ManyFile> {
  readonly #services: ManyServices;
  readonly #files: AsyncIterator<File> | Iterator<File>;
  readonly #options: PutManyOptions & { signal: AbortSignal };
  readonly #givenUp = new AbortController();
  readonly #packer = new Packer();
  /** All that are not told of yet, in the order of the files. */
  readonly #entries: Entry<File>[] = [];
  /** Those of them that have been sent, and not been answered. */
  #waiting: Entry<File>[] = [];
  /** Those that have requests of their own. */
  readonly #alone = new Set<Promise<void>>();
  readonly #gate = new Gate(ALONE_AT_ONCE);
  #bytes = 0;
  #asking = false;
  /** What was found last, until it is taken. */
  #found: IteratorResult<File> | { error: unknown } | undefined;
  #changed = Promise.withResolvers<void>();
  #over = false;

  constructor(
    services: ManyServices,
    files: Iterable<File> | AsyncIterable<File>,
    options: PutManyOptions,
  ) {
    this.#services = services;
    this.#files = Symbol.asyncIterator in files
      ? files[Symbol.asyncIterator]()
      : files[Symbol.iterator]();
    const { signal } = this.#givenUp;
    const both = options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]);
    this.#options = { ...options, signal: both };
  }

  async *outcomes(): AsyncGenerator<ManyOutcome<File>, void, void> {
    const running = this.#run().catch(async (error) => {
      await Promise.all(this.#alone);
      return this.#failAll(error);
    }).finally(() => {
      this.#over = true;
      this.#rouse();
    });
    try {
      for (;;) {
        for (let first = this.#entries[0]; first?.outcome !== undefined; first = this.#entries[0]) {
          this.#entries.shift();
          this.#bytes -= first.packed?.bytes.length ?? 0;
          yield first.outcome;
        }
        if (this.#over) break;
        this.#rouse(); // there is room
        await this.#changed.promise;
      }
      const failure = await running;
      if (failure !== undefined) throw failure.error;
    } finally {
      this.#givenUp.abort();
      await running;
      await this.#files.return?.();
    }
  }

  async #run(): Promise<undefined> {
    let known = false;
    try {
      await this.#services.run(async (use, link) => {
        await this.#attempt(use, link, () => known = true);
      }, this.#options);
    } catch (error) {
      const isOlder = error instanceof RemoteError && error.code === "unknown-type" && !known;
      if (!isOlder) throw error;
      await this.#storeEach();
    }
    await Promise.all(this.#alone);
  }

  /** Nothing more comes of what is under way. */
  #failAll(error: unknown): { error: unknown } {
    for (const entry of this.#entries) entry.outcome ??= { file: entry.file, error };
    return { error };
  }

  async #attempt(use: LinkUse, { server }: Link, onAnswer: () => void): Promise<void> {
    const repeated = this.#waiting.length;
    const bytes = await outgoingBytes(use, this.#options.signal);
    const body: FilePutManyRequest = { ...(repeated === 0 ? {} : { repeated }), ...bytes.said };
    const outgoing = { message: messages.filePutMany, body, data: true };
    await request(use, outgoing, this.#options, async ({ sink: stream, reader }) => {
      const meter = new TransferMeter(use, { small: true });
      meter.watch(stream);
      const sink = bytes.sinkOf(stream, meter);
      const attempt = { sink, over: false };
      let failure: { error: unknown } | undefined;
      const sending = this.#send(attempt).catch((error) => {
        if (attempt.over || isOfStream(error)) return; // its answer says more
        failure = { error };
        sink.abort(ApplicationError.cancelled);
      });
      try {
        await receive(reader, (answer) => {
          onAnswer();
          use.advance();
          this.#settle(answer, meter, server);
        });
      } catch (error) {
        throw failure === undefined ? error : failure.error;
      } finally {
        attempt.over = true;
        this.#rouse();
        await sending;
      }
      if (this.#waiting.length === 0) return;
      throw new ProtocolError("bad-frame", "Server has not answered for all files");
    });
  }

  async #send(attempt: Attempt): Promise<void> {
    const packer = this.#packer;
    packer.take(); // what an attempt before has not sent is among those that wait
    const send = (fin = false) => {
      const sent = attempt.over ? undefined : attempt.sink.send(packer.take(), { fin });
      sent?.catch(() => {}); // its answer says more
    };
    for (const { packed } of this.#waiting) {
      if (packed !== undefined) packer.addAgain(packed);
      if (packer.full) send();
    }
    send();
    let soon = false;
    for (;;) {
      const file = await this.#take(attempt);
      if (file === undefined) break;
      if (!this.#add(file)) {
        this.#addAlone(file);
        continue;
      }
      if (packer.full) {
        send();
        await nextTurn();
      } else if (!soon) {
        soon = true;
        // Where the next file is long in coming, those before it do not wait for it.
        setImmediate(() => {
          soon = false;
          if (!packer.empty) send();
        });
      }
    }
    send(true);
  }

  /** Puts a file to those that are sent next. @returns Whether it is one of those. */
  #add(file: File): boolean {
    const since = performance.now();
    try {
      if (file.problem !== undefined) throw file.problem;
      const source = borrowSmall(file.source);
      if (source === undefined) return false;
      const { name } = file;
      parseNewFileName(name);
      const { overwrite = "never" } = this.#options;
      const entry = { file, since, packed: this.#packer.add({ name, overwrite }, source) };
      this.#bytes += entry.packed.bytes.length;
      this.#waiting.push(entry);
      this.#entries.push(entry);
    } catch (error) {
      this.#entries.push({ file, since, outcome: { file, error } });
      this.#rouse();
    }
    return true;
  }

  /** Has a file stored by a request of its own, beside others. */
  #storeAlone(entry: Entry<File>): void {
    const storing = this.#store(entry).then(() => {
      this.#alone.delete(storing);
      this.#rouse();
    });
    this.#alone.add(storing);
  }

  async #store(entry: Entry<File>): Promise<void> {
    const { file } = entry;
    try {
      using _place = await this.#gate.enter(this.#options.signal);
      entry.outcome = { file, result: await this.#services.putOne(file, this.#options) };
    } catch (error) {
      entry.outcome = { file, error };
    }
  }

  /** Stores all that wait and all that come, each by itself: an older server knows no other way. */
  async #storeEach(): Promise<void> {
    for (const entry of this.#waiting.splice(0)) this.#storeAlone(entry);
    for (;;) {
      const file = await this.#take({ over: false });
      if (file === undefined) return;
      this.#addAlone(file);
    }
  }

  #addAlone(file: File): void {
    const entry = { file, since: performance.now() };
    this.#entries.push(entry);
    this.#storeAlone(entry);
  }

  /**
   * The next file, when there is room for it.
   *
   * @returns `undefined` behind the last one, and when the attempt is over: then the next attempt gets it.
   */
  async #take(attempt: { readonly over: boolean }): Promise<File | undefined> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      if (attempt.over) return undefined;
      const isFull = this.#entries.length >= MAX_FILES || this.#bytes >= MAX_BYTES;
      const found = isFull ? undefined : this.#look();
      if (found === undefined) {
        await this.#changed.promise;
        continue;
      }
      if ("error" in found) throw found.error;
      if (found.done) return undefined;
      this.#found = undefined;
      return found.value;
    }
  }

  /** The next file, if it is there; else it is asked for. */
  #look(): IteratorResult<File> | { error: unknown } | undefined {
    if (this.#found !== undefined || this.#asking) return this.#found;
    const next = this.#files.next();
    if (!(next instanceof Promise)) return this.#found = next;
    this.#asking = true;
    next.catch((error: unknown) => ({ error })).then((found) => {
      this.#asking = false;
      this.#found = found;
      this.#rouse();
    });
    return undefined;
  }

  /** Takes what the server says of the next files. */
  #settle(
    { count, failures = [], renamed = [] }: FilePutManyResponse,
    meter: TransferMeter,
    server: string,
  ): void {
    if (count > this.#waiting.length) {
      throw new ProtocolError("bad-body", "Server answers for more files than it was sent");
    }
    const done = this.#waiting.splice(0, count);
    const now = performance.now();
    const failed = new Map(failures.map((failure) => [failure.index, failure]));
    const names = new Map(renamed.map(({ index, name }) => [index, name]));
    const sent = done.reduce((sum, { packed }) => sum + (packed?.size ?? 0), 0);
    const limits = meter.resultOfOne(sent);
    for (const [index, entry] of done.entries()) {
      const { file, packed, since } = entry;
      const failure = failed.get(index);
      if (failure?.code === "too-many-requests") {
        this.#storeAlone(entry); // which waits for its turn
      } else if (failure !== undefined) {
        const { code, message, missingBytes } = failure;
        const error = new RemoteError(code, message, { missingBytes });
        entry.outcome = { file, error: explained(error, "store", `"${file.name}" on ${server}`) };
      } else if (packed !== undefined) {
        const { size, sha256 } = packed;
        const moved = transferResult(file.name, size, sha256, now - since, {
          result: () => limits,
        });
        const result = stored(moved, names.get(index) ?? file.name);
        entry.outcome = { file, result: { ...result, server } };
      }
    }
    this.#rouse();
  }

  #rouse(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

async function receive(
  reader: MessageReader,
  onAnswer: (answer: FilePutManyResponse) => void,
): Promise<void> {
  const { type } = messages.filePutMany;
  for (;;) {
    const answer = await reader.readNext();
    if (answer === undefined) return;
    onAnswer(messages.filePutMany.parseResponse(checkAnswer(answer, type).body));
  }
}
