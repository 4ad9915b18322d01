import { hash } from "node:crypto";
import { resolve } from "node:path";
import { checkOptions, checkWord, inOrder, type OptionNames, orAborted } from "../base/mod.ts";
import {
  type FileInfo,
  Flags,
  MAX_PACKED_SIZE,
  type Message,
  type MessageReader,
  messages,
  OVERWRITE_POLICIES,
  type OverwritePolicy,
  parseFileName,
  ProtocolError,
  RemoteError,
  TRAILER_LENGTH,
} from "../protocol/mod.ts";
import { Gate, PlacedAtOnce } from "../transfer/mod.ts";
import { incomingBytes, wantedBytes } from "./compression.ts";
import { checkAnswer, exchange, type RequestOptions } from "./exchange.ts";
import { explained } from "./explained.ts";
import type { GetResult } from "./get_options.ts";
import type { LinkUse } from "./link.ts";
import type { Request } from "./roaming.ts";
import { TransferMeter } from "./transfer_meter.ts";
import { transferResult } from "./transfer_result.ts";

/** How many are asked for at once, and in how many requests side by side. */
const FILES_AT_ONCE = 512;
const REQUESTS_AT_ONCE = 3;

/** How many are fetched at once where each has a request of its own. */
const ALONE_AT_ONCE = 16;

/** Characters of names that are asked for at once: they fit into what any server takes. */
const MAX_NAMES_LENGTH = 16_384;

/** A file that `getMany` is to fetch. */
export interface WantedFile {
  /** Its name on the server. */
  name: string;
  /** Path of the file to write. */
  path: string;
  /** In bytes, where that is known: what is not small is not asked for together with others. */
  size?: number | undefined;
  /** Why it is not to be fetched, if that is known already: it is what becomes of it. */
  problem?: unknown;
}

/** How it went with one of them. */
export type GetManyOutcome<File extends WantedFile> =
  | { file: File; result: GetResult }
  | { file: File; error: unknown };

/** What `getMany` takes. */
export interface GetManyOptions extends RequestOptions {
  /** What becomes of a file that is at a destination already; `never`, the default, keeps it. */
  overwrite?: OverwritePolicy;
}

const OPTION_NAMES: OptionNames<GetManyOptions> = { overwrite: true, signal: true };

/** What `getMany` needs of a client. */
export interface GetManyServices {
  /** Fetches a file by itself. */
  getOne(file: WantedFile, options: GetManyOptions): Promise<GetResult>;
  /** Runs a request that may be repeated. */
  run(request: Request<void>, options: RequestOptions): Promise<void>;
}

/** Fetches many small files; see `Client.getMany`. */
export async function* getMany<File extends WantedFile>(
  services: GetManyServices,
  files: Iterable<File> | AsyncIterable<File>,
  options: GetManyOptions,
): AsyncGenerator<GetManyOutcome<File>, void, void> {
  const givenUp = new AbortController();
  const { signal = givenUp.signal } = options;
  const within = { ...options, signal: AbortSignal.any([signal, givenUp.signal]) };
  const gate = new Gate(ALONE_AT_ONCE);
  const running = new Set<Promise<unknown>>();
  const over = new AbortController();
  let failure: { error: unknown } | undefined;
  const begin = async (some: File[]) => {
    const fetching = new Batch(services, some, within, gate).fetch();
    running.add(fetching);
    const fetched = await fetching;
    running.delete(fetching);
    failure ??= fetched.failure;
    // Those who look for more files are not waited for.
    if (failure !== undefined) over.abort();
    return fetched;
  };
  try {
    for await (
      const { outcomes } of inOrder(batchesOf(files, over.signal), REQUESTS_AT_ONCE, begin)
    ) {
      yield* outcomes;
    }
  } finally {
    givenUp.abort();
    await Promise.all(running);
  }
  if (failure !== undefined) throw failure.error;
}

/** @throws {InvalidOptionError} */
export function checkGetManyOptions(options: GetManyOptions): void {
  checkOptions("Cannot fetch files", options, OPTION_NAMES);
  checkWord("Cannot fetch files", "overwrite", options.overwrite, OVERWRITE_POLICIES);
}

/** Files to be asked for together, until it is over. */
async function* batchesOf<File extends WantedFile>(
  files: Iterable<File> | AsyncIterable<File>,
  over: AbortSignal,
): AsyncGenerator<File[]> {
  let some: File[] = [];
  let length = 0;
  try {
    for await (const file of untilAborted(files, over)) {
      if (some.length === FILES_AT_ONCE || length + file.name.length > MAX_NAMES_LENGTH) {
        if (some.length > 0) yield some;
        some = [];
        length = 0;
      }
      some.push(file);
      length += file.name.length;
    }
  } catch (error) {
    if (some.length > 0) yield some; // they were found before
    throw error;
  }
  if (some.length > 0 && !over.aborted) yield some;
}

/** Ends when a signal aborts, also while the next item is waited for. */
async function* untilAborted<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const source = Symbol.asyncIterator in items
    ? items[Symbol.asyncIterator]()
    : items[Symbol.iterator]();
  let ended = false;
  try {
    while (!signal.aborted) {
      const next = await orAborted(Promise.resolve(source.next()), signal);
      ended = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    if (signal.aborted) return;
    ended = true;
    throw error;
  } finally {
    const closing = ended ? undefined : Promise.resolve(source.return?.());
    // It may be waiting for what never comes.
    if (signal.aborted) closing?.catch(() => {});
    else await closing;
  }
}

/** A file that has come and is written. */
interface Arrived<File extends WantedFile> {
  file: File;
  /** In bytes. */
  size: number;
  sha256: string;
  ms: number;
}

/** What has become of files that were asked for together. */
interface Fetched<File extends WantedFile> {
  /** How it went with each of which that is known, in their order. */
  outcomes: GetManyOutcome<File>[];
  /** What has ended it for the others. */
  failure: { error: unknown } | undefined;
}

/** Files that are asked for together. */
class Batch<File extends WantedFile> {
  readonly #services: GetManyServices;
  readonly #files: readonly File[];
  readonly #options: GetManyOptions;
  readonly #gate: Gate;
  readonly #outcomes = new Map<File, GetManyOutcome<File>>();
  /** Those that have a request of their own. */
  readonly #asked = new Set<File>();
  readonly #alone: Promise<void>[] = [];

  constructor(
    services: GetManyServices,
    files: readonly File[],
    options: GetManyOptions,
    gate: Gate,
  ) {
    this.#services = services;
    this.#files = files;
    this.#options = options;
    this.#gate = gate;
  }

  /** Never rejects; what it leaves behind is done with, too. */
  async fetch(): Promise<Fetched<File>> {
    let failure: { error: unknown } | undefined;
    for (const file of this.#files) {
      try {
        if (file.problem !== undefined) throw file.problem;
        parseFileName(file.name);
        if ((file.size ?? 0) > MAX_PACKED_SIZE) this.#fetchAlone(file);
      } catch (error) {
        this.#outcomes.set(file, { file, error });
      }
    }
    try {
      if (this.#left.length > 0) {
        await this.#services.run((use, { server }) => this.#attempt(use, server), this.#options);
      }
    } catch (error) {
      if (!(error instanceof RemoteError)) failure = { error };
      else {
        for (const file of this.#left) {
          if (error.code === "unknown-type") this.#fetchAlone(file); // an older server
          else this.#outcomes.set(file, { file, error });
        }
      }
    }
    await Promise.all(this.#alone);
    return { outcomes: this.#files.flatMap((file) => this.#outcomes.get(file) ?? []), failure };
  }

  /** Those that nothing has become of, and that have no request of their own. */
  get #left(): File[] {
    return this.#files.filter((file) => !this.#outcomes.has(file) && !this.#asked.has(file));
  }

  async #attempt(use: LinkUse, server: string): Promise<void> {
    const left = this.#left;
    const body = { names: left.map(({ name }) => name), ...wantedBytes(use) };
    const outgoing = { message: messages.fileGetMany, body };
    const arrived: Arrived<File>[] = [];
    const meter = new TransferMeter(use, { small: true });
    try {
      await exchange(use, outgoing, this.#options, async (request) => {
        const response = messages.fileGetMany.parseResponse((await request.answer).body);
        const reader = incomingBytes(use, request.reader, response, meter);
        await this.#takeAll(left, reader, arrived, `on ${server}`, use);
        await reader.expectEnd();
      });
    } finally {
      this.#settle(arrived, meter, server);
    }
  }

  /** Takes the answers, one for each file. A refusal costs that file, and nothing else. */
  async #takeAll(
    files: readonly File[],
    reader: MessageReader,
    arrived: Arrived<File>[],
    where: string,
    use: LinkUse,
  ): Promise<void> {
    using placed = new PlacedAtOnce();
    for (const file of files) {
      const begun = performance.now();
      // Without a promise where it is there already, as it mostly is.
      let message = reader.takeMessage();
      if (message === undefined) {
        placed.letGo();
        message = await reader.readMessage();
      }
      try {
        const info = checkInfo(file, message);
        const length = info.size + TRAILER_LENGTH;
        let content = reader.takeExactly(length);
        if (content === undefined) {
          placed.letGo();
          content = await reader.readExactly(length);
        }
        const sha256 = this.#place(file, info, content, placed);
        const ms = performance.now() - begun;
        if (sha256 !== undefined) arrived.push({ file, size: info.size, sha256, ms });
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        if (error.code === "file-too-large" || error.code === "cannot-resume") {
          this.#fetchAlone(file);
          continue;
        }
        const explanation = explained(error, "fetch", `"${file.name}" ${where}`);
        this.#outcomes.set(file, { file, error: explanation });
      }
      use.advance();
    }
  }

  /**
   * Writes a file, if it can be written at once, and is what the server says it is.
   *
   * @param content Its bytes and, behind them, their SHA-256.
   * @returns The SHA-256 in hexadecimal; `undefined` if it is not written.
   */
  #place(
    file: File,
    { size, mtime, mode }: FileInfo,
    content: Uint8Array,
    placed: PlacedAtOnce,
  ): string | undefined {
    const bytes = content.subarray(0, size);
    const sha256 = hash("sha256", bytes, "hex");
    if (sha256 !== content.subarray(size).toHex()) {
      const message = `Data of "${file.name}" does not match the SHA-256 that came with it`;
      this.#outcomes.set(file, { file, error: new ProtocolError("hash-mismatch", message) });
      return undefined;
    }
    const { overwrite = "never" } = this.#options;
    const facts = mode === undefined ? { mtime } : { mtime, mode };
    if (placed.place(resolve(file.path), bytes, { overwrite, ...facts })) return sha256;
    this.#fetchAlone(file);
    return undefined;
  }

  /** What is known of the path is asked for once: to ask for each file would take longer than to write it. */
  #settle(arrived: readonly Arrived<File>[], meter: TransferMeter, server: string): void {
    if (arrived.length === 0) return;
    const limits = meter.resultOfOne(arrived.reduce((sum, { size }) => sum + size, 0));
    for (const { file, size, sha256, ms } of arrived) {
      const moved = transferResult(file.name, size, sha256, ms, { result: () => limits });
      this.#outcomes.set(file, { file, result: { ...moved, path: resolve(file.path), server } });
    }
  }

  /** Has a file fetched by a request of its own: what is in its way is found out, or made, then. */
  #fetchAlone(file: File): void {
    this.#asked.add(file);
    this.#alone.push(this.#fetchOne(file));
  }

  async #fetchOne(file: File): Promise<void> {
    try {
      using _place = await this.#gate.enter(this.#options.signal);
      this.#outcomes.set(file, { file, result: await this.#services.getOne(file, this.#options) });
    } catch (error) {
      this.#outcomes.set(file, { file, error });
    }
  }
}

/** @throws {RemoteError} It is a refusal. @throws {ProtocolError} It is no answer for this file. */
function checkInfo(file: WantedFile, message: Message): FileInfo {
  const { body, flags } = checkAnswer(message, messages.fileGet.type);
  const info = messages.fileGet.parseResponse(body);
  if (info.name !== file.name || flags !== (Flags.response | Flags.data)) throw wrongAnswer(file);
  if (info.size > MAX_PACKED_SIZE) throw wrongAnswer(file);
  return info;
}

function wrongAnswer({ name }: WantedFile): ProtocolError {
  return new ProtocolError("bad-body", `Server answered with something other than "${name}"`);
}
