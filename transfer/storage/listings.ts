import type { FileListRequest, FileListResponse } from "../../protocol/mod.ts";
import type { FileWalk } from "./file_walk.ts";
import { Gate } from "../gate.ts";
import { listFiles, walkOf } from "./storage_list.ts";
import type { StorageRoot } from "./storage_root.ts";

/** How many pages are made at once: each takes a part of the thread that runs everything else. */
const MAX_AT_ONCE = 2;

/** How long the rest of a listing is kept for the reader to ask for the next page, in milliseconds. */
const KEPT_MS = 30_000;

/** How many a reader may have begun; of more, the oldest are forgotten. */
const MAX_OF_READER = 4;

/** Names that all of them hold together, of some 60 bytes each; with more, the oldest are forgotten. */
const MAX_NAMES = 500_000;

/** Who reads listings. */
export interface ListReader {
  readonly id: string;
  /** Resolves when it reads no more. */
  readonly over: Promise<void>;
}

/** The rest of a listing, of which some pages were read. */
interface Begun {
  reader: string;
  walk: FileWalk;
  since: number;
}

/**
 * Listings that are read page by page. A directory is read once for all its pages, and not again for each
 * of them: what is left of it is kept until the reader asks for the next page. It is only kept so that
 * this is quick; one that is forgotten is begun again behind the last page, and what was stored or removed
 * meanwhile may or may not be listed.
 */
export class Listings {
  readonly #gate = new Gate(MAX_AT_ONCE);
  /** By what will be asked for; the one that was put there last is at the end. */
  readonly #begun = new Map<string, Begun>();
  readonly #known = new WeakSet<ListReader>();

  /** Lists a page; see {@linkcode listFiles}. */
  async page(
    root: StorageRoot,
    request: FileListRequest,
    reader: ListReader,
    signal: AbortSignal,
  ): Promise<FileListResponse> {
    using _place = await this.#gate.enter(signal);
    const walk = this.#take(keyOf(reader.id, request)) ?? walkOf(request);
    const page = await listFiles(root, request, { signal, walk });
    if (page.next !== undefined) this.#keep(reader, { ...request, after: page.next }, walk);
    return page;
  }

  #take(key: string): FileWalk | undefined {
    const begun = this.#begun.get(key);
    this.#begun.delete(key);
    if (begun === undefined || performance.now() - begun.since > KEPT_MS) return undefined;
    return begun.walk;
  }

  #keep(reader: ListReader, next: FileListRequest, walk: FileWalk): void {
    this.#watch(reader);
    const key = keyOf(reader.id, next);
    const since = performance.now();
    this.#begun.delete(key);
    this.#begun.set(key, { reader: reader.id, walk, since });
    let names = 0;
    let own = 0;
    // The latest first: it is asked for next.
    for (const [key, begun] of Array.from(this.#begun).reverse()) {
      names += begun.walk.held;
      if (begun.reader === reader.id) own++;
      const old = since - begun.since > KEPT_MS;
      if (old || names > MAX_NAMES || own > MAX_OF_READER) this.#begun.delete(key);
    }
  }

  /** Forgets what a reader has begun when it is gone. */
  #watch(reader: ListReader): void {
    if (this.#known.has(reader)) return;
    this.#known.add(reader);
    void reader.over.then(() => {
      for (const [key, begun] of this.#begun) {
        if (begun.reader === reader.id) this.#begun.delete(key);
      }
    });
  }
}

function keyOf(
  reader: string,
  { prefix = "", after = "", directories }: FileListRequest,
): string {
  return JSON.stringify([reader, prefix, after, directories ?? null]);
}
