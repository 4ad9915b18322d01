import { orAborted } from "../../base/mod.ts";
import type { ChunkLevels } from "./chunk_levels.ts";
import type { Chunks } from "./chunks.ts";

/**
 * Who moves which chunk of a file: each goes to one who asks, the first that is missing before all behind it,
 * so that the whole grows from its start. What somebody could not move to its end is handed out again.
 */
export class ChunkWork {
  readonly chunks: Chunks;
  /** How much there is of each. */
  readonly #levels: number[];
  /** Which are there: all of one may have been moved before that is known. */
  readonly #there: boolean[];
  /** Nobody moves them, and they are not whole; in order. */
  readonly #missing: number[];
  readonly #whole = new Map<number, PromiseWithResolvers<void>>();
  #changed = Promise.withResolvers<void>();
  #finished = false;
  #bytes: number;
  #failure: { error: unknown } | undefined;
  readonly #failed = Promise.withResolvers<never>();

  /** @param levels What is there at the beginning. */
  constructor(levels: ChunkLevels) {
    this.chunks = levels.chunks;
    const all = Array.from({ length: this.chunks.count }, (_, chunk) => chunk);
    this.#levels = all.map((chunk) => levels.of(chunk));
    this.#bytes = levels.bytes;
    this.#failed.promise.catch(() => {}); // whoever waits looks at it
    this.#there = all.map((chunk) => levels.isWhole(chunk));
    this.#missing = all.filter((chunk) => !this.isWhole(chunk));
  }

  /** How many bytes there are, as far as it is known. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Never resolves. @throws What {@linkcode fail} is told. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** How much there is of a chunk, in bytes from its start. */
  levelOf(chunk: number): number {
    return this.#levels[chunk] ?? 0;
  }

  isWhole(chunk: number): boolean {
    return this.#there[chunk] === true;
  }

  /**
   * The next chunk to move, for whoever asks alone. Waits where none is left: one may still be given back.
   *
   * @returns `undefined` when all is done.
   * @throws What {@linkcode fail} was told; the signal's reason.
   */
  async take(signal?: AbortSignal): Promise<number | undefined> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#finished) return undefined;
      const chunk = this.#missing.shift();
      if (chunk !== undefined) {
        this.#tell();
        return chunk;
      }
      await orAborted(this.#changed.promise, signal);
    }
  }

  /** So many bytes more of a chunk are there. */
  add(chunk: number, bytes: number): void {
    this.#set(chunk, this.levelOf(chunk) + bytes);
  }

  /** A chunk that was taken is there as a whole. */
  done(chunk: number): void {
    this.#there[chunk] = true;
    this.#set(chunk, this.chunks.lengthOf(chunk));
    this.#whole.get(chunk)?.resolve();
    this.#whole.delete(chunk);
  }

  /**
   * A chunk is to be moved by somebody else.
   *
   * @param level How much of it is there: what was moved, or 0 if it is wrong.
   */
  giveBack(chunk: number, level: number): void {
    this.#there[chunk] = false;
    this.#set(chunk, level);
    const at = this.#missing.findIndex((other) => other > chunk);
    this.#missing.splice(at < 0 ? this.#missing.length : at, 0, chunk);
    this.#tell();
  }

  /** Waits until somebody moves a chunk, or it is there. @throws What {@linkcode fail} was told. */
  async whenTaken(chunk: number): Promise<void> {
    while ((this.#missing[0] ?? Infinity) <= chunk) {
      if (this.#failure !== undefined) throw this.#failure.error;
      await this.#changed.promise;
    }
  }

  /** Waits until a chunk is there as a whole. @throws What {@linkcode fail} was told. */
  whenWhole(chunk: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.isWhole(chunk)) return Promise.resolve();
    const known = this.#whole.get(chunk);
    if (known !== undefined) return known.promise;
    const whole = Promise.withResolvers<void>();
    whole.promise.catch(() => {}); // whoever waits looks at it
    this.#whole.set(chunk, whole);
    return whole.promise;
  }

  /** Nothing more is to be moved. */
  finish(): void {
    this.#finished = true;
    this.#tell();
  }

  /** Ends all waits, if they have not ended. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#failed.reject(this.#failure.error);
    for (const whole of this.#whole.values()) whole.reject(this.#failure.error);
    this.#whole.clear();
    this.#tell();
  }

  #set(chunk: number, level: number): void {
    this.#bytes += level - this.levelOf(chunk);
    this.#levels[chunk] = level;
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
