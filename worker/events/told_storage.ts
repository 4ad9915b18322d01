import type {
  FileStorage,
  FileTarget,
  IncomingChunks,
  IncomingFile,
  OpenedFile,
  SmallFileBatch,
} from "../../transfer/mod.ts";
import type { EventHub } from "./event_hub.ts";

type Stored = Parameters<FileStorage["storeNow"]>[0];
type TargetRequest = Parameters<FileTarget["begin"]>[0];

/** A storage whose changes subscribers hear of, whoever makes them, once they are made. */
export class ToldStorage implements FileStorage {
  readonly #files: FileStorage;
  readonly #events: EventHub;
  readonly wasStopped?: () => boolean;

  constructor(files: FileStorage, events: EventHub) {
    this.#files = files;
    this.#events = events;
    const { wasStopped } = files;
    if (wasStopped !== undefined) this.wasStopped = () => wasStopped.call(files);
  }

  get check(): FileStorage["check"] {
    return this.#files.check;
  }

  get renames(): FileStorage["renames"] {
    return this.#files.renames;
  }

  stat(name: string): ReturnType<FileStorage["stat"]> {
    return this.#files.stat(name);
  }

  open(name: string): Promise<OpenedFile> {
    return this.#files.open(name);
  }

  readNow(...request: Parameters<FileStorage["readNow"]>): ReturnType<FileStorage["readNow"]> {
    return this.#files.readNow(...request);
  }

  holds(name: string, bytes: Uint8Array): Promise<boolean> {
    return this.#files.holds(name, bytes);
  }

  list(...request: Parameters<FileStorage["list"]>): ReturnType<FileStorage["list"]> {
    return this.#files.list(...request);
  }

  sum(...request: Parameters<FileStorage["sum"]>): ReturnType<FileStorage["sum"]> {
    return this.#files.sum(...request);
  }

  async quotas(
    ...request: Parameters<NonNullable<FileStorage["quotas"]>>
  ): ReturnType<NonNullable<FileStorage["quotas"]>> {
    return await this.#files.quotas?.(...request) ?? [];
  }

  async remove(name: string): Promise<void> {
    await this.#files.remove(name);
    this.#events.publish("file.removed", () => ({ name }));
  }

  async removeDirectory(name: string): Promise<void> {
    await this.#files.removeDirectory(name);
    this.#events.publish("file.removed", () => ({ name, directory: true }));
  }

  makeDirectory(name: string): boolean | Promise<boolean> {
    const made = this.#files.makeDirectory(name);
    if (typeof made !== "boolean") return made.then((made) => this.#tellMade(name, made));
    return this.#tellMade(name, made);
  }

  async move(...request: Parameters<FileStorage["move"]>): Promise<void> {
    await this.#files.move(...request);
    const [{ name, to }] = request;
    this.#events.publish("file.moved", () => ({ name, to }));
  }

  storeNow(request: Stored, content: Uint8Array, storer?: string): string | undefined {
    const sha256 = this.#files.storeNow(request, content, storer);
    if (sha256 !== undefined) this.#tellStored(request);
    return sha256;
  }

  storeTogether(): SmallFileBatch | undefined {
    const batch = this.#files.storeTogether?.();
    if (batch === undefined) return undefined;
    const stored: Stored[] = [];
    return {
      add: (request, content, storer) => batch.add(request, content, storer),
      skip: () => batch.skip(),
      writeOut: () => batch.writeOut(),
      flush: () => batch.flush(),
      place: (index, request) => {
        const sha256 = batch.place(index, request);
        if (sha256 !== undefined) stored.push(request);
        return sha256;
      },
      flushNames: async () => {
        await batch.flushNames();
        for (const request of stored.splice(0)) this.#tellStored(request);
      },
      [Symbol.dispose]: () => batch[Symbol.dispose](),
    };
  }

  target(name: string, storer?: string): FileTarget {
    const target = this.#files.target(name, storer);
    return {
      name,
      find: async (request) => {
        const earlier = await target.find(request);
        // The worker that has stored it may not have come to tell.
        if (earlier !== undefined) this.#tellStored({ ...request, name });
        return earlier;
      },
      begin: async (request) => this.#incoming(await target.begin(request), { ...request, name }),
      ...(target.beginChunks === undefined ? {} : {
        beginChunks: async (request, repeated) => {
          const incoming = await target.beginChunks?.(request, repeated);
          return incoming === undefined ? undefined : this.#inChunks(incoming, request);
        },
      }),
      ...(target.writeChunks === undefined
        ? {}
        : { writeChunks: (upload) => target.writeChunks!(upload) }),
      resume: (upload) => target.resume(upload),
      [Symbol.dispose]: () => target[Symbol.dispose](),
    };
  }

  #incoming(incoming: IncomingFile, request: TargetRequest): IncomingFile {
    return {
      file: incoming.file,
      get path() {
        return incoming.path;
      },
      start: incoming.start,
      journal: incoming.journal,
      signal: incoming.signal,
      reserve: (signal) => incoming.reserve(signal),
      publish: async (sha256) => {
        await incoming.publish(sha256);
        this.#tellStored(request);
      },
      dropAfter: (error) => incoming.dropAfter(error),
      [Symbol.asyncDispose]: () => incoming[Symbol.asyncDispose](),
    };
  }

  #inChunks(incoming: IncomingChunks, request: TargetRequest): IncomingChunks {
    return {
      levels: incoming.levels,
      signal: incoming.signal,
      reserve: (signal) => incoming.reserve(signal),
      begin: () => incoming.begin(),
      verify: (witness) => incoming.verify(witness),
      publish: async (sha256) => {
        await incoming.publish(sha256);
        this.#tellStored(request);
      },
      dropAfter: (error) => incoming.dropAfter(error),
      [Symbol.asyncDispose]: () => incoming[Symbol.asyncDispose](),
    };
  }

  #tellStored({ name, size }: TargetRequest): void {
    this.#events.publish("file.stored", () => (size === undefined ? { name } : { name, size }));
  }

  #tellMade(name: string, made: boolean): boolean {
    if (made) this.#events.publish("file.made", () => ({ name }));
    return made;
  }
}
