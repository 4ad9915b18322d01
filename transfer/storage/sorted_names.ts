import type { Pace } from "./pace.ts";

/** Names in order, and which of them is next. */
interface Run {
  names: string[];
  at: number;
}

/**
 * Names that come in no order and are taken in the order of their UTF-16 code units.
 *
 * They are sorted in the runs that they come in, and these are merged while they are taken, so that nothing
 * takes long. Of more names than there is room for, the first ones are kept.
 */
export class SortedNames {
  readonly #room: number;
  /** A heap: none of them has a smaller next name than the one at half its index. */
  #runs: Run[] = [];
  #count = 0;
  #end: string | undefined;

  /** @param room How many names to keep at least; twice as many at most. */
  constructor(room: number) {
    this.#room = room;
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** The last name that was kept, if there was no room for those behind it. */
  get end(): string | undefined {
    return this.#end;
  }

  /** @param names Is kept, and sorted. */
  async add(names: string[], pace: Pace): Promise<void> {
    const end = this.#end;
    const wanted = end === undefined ? names : names.filter((name) => name < end);
    if (wanted.length === 0) return;
    this.#runs.push({ names: wanted.sort(), at: 0 });
    this.#count += wanted.length;
    this.#rise(this.#runs.length - 1);
    if (this.#count > 2 * this.#room) await this.#cut(pace);
  }

  /** Takes the next name; `undefined` if there is none. */
  take(): string | undefined {
    const [first] = this.#runs;
    if (first === undefined) return undefined;
    const name = first.names[first.at++];
    this.#count--;
    if (first.at === first.names.length) this.#drop();
    this.#sink();
    return name;
  }

  async #cut(pace: Pace): Promise<void> {
    const names: string[] = [];
    while (names.length < this.#room) {
      const name = this.take();
      if (name === undefined) break;
      names.push(name);
      if (pace.due) await pace.rest();
    }
    this.#end = names.at(-1);
    this.#runs = [{ names, at: 0 }];
    this.#count = names.length;
  }

  /** Takes the first run away; the last one is in its place then. */
  #drop(): void {
    const last = this.#runs.pop();
    if (last !== undefined && this.#runs.length > 0) this.#runs[0] = last;
  }

  #rise(index: number): void {
    for (let at = index; at > 0;) {
      const above = (at - 1) >> 1;
      if (!this.#swapIfLess(at, above)) return;
      at = above;
    }
  }

  #sink(): void {
    for (let at = 0;;) {
      const left = 2 * at + 1;
      const less = this.#isLess(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfLess(less, at)) return;
      at = less;
    }
  }

  #swapIfLess(one: number, other: number): boolean {
    if (!this.#isLess(one, other)) return false;
    const [a, b] = [this.#runs[one], this.#runs[other]];
    if (a === undefined || b === undefined) return false;
    this.#runs[one] = b;
    this.#runs[other] = a;
    return true;
  }

  #isLess(one: number, other: number): boolean {
    const a = this.#nextOf(one);
    const b = this.#nextOf(other);
    return a !== undefined && b !== undefined && a < b;
  }

  #nextOf(index: number): string | undefined {
    const run = this.#runs[index];
    return run?.names[run.at];
  }
}
