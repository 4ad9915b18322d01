import { type DirectoryQuotas, WHOLE } from "../../base/quotas.ts";
import { isBelow } from "../../base/name_prefix.ts";
import { Gate } from "../gate.ts";

/** How much there may be: below a directory, or of what a token has stored. */
export interface Quota {
  /** By which what is used of it is found. */
  readonly key: string;
  readonly of: "directory" | "token";
  /** Of the directory, `/` for all there is, or of the token. */
  readonly name: string;
  readonly bytes: number;
}

/** A token that may have a quota. */
export interface QuotaHolder {
  readonly name: string;
  /** In bytes. */
  readonly quotaBytes?: number;
}

/** The quotas of a storage. What is used of them is in a file of the storage's own; see `usage.ts`. */
export class Quotas {
  /** Who counts, where the disk has no locks. */
  readonly turns: Gate = new Gate(1);
  readonly #directories: readonly Quota[];
  #tokens: ReadonlyMap<string, Quota> = new Map();
  /** Since when there are quotas here, in milliseconds since 1970: others may have had none before. */
  readonly since: number = Date.now();
  #changedAt = -Infinity;
  #begun = false;

  constructor(directories: DirectoryQuotas = {}) {
    this.#directories = Object.entries(directories).map(([name, bytes]) => ({
      ...{ key: `d:${name}`, of: "directory", name, bytes },
    }));
  }

  /** When there was another one last, in milliseconds since 1970: what was counted before may lack something. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /** Whether there are any. */
  get any(): boolean {
    return this.#directories.length > 0 || this.#tokens.size > 0;
  }

  /** Whether it matters who has stored a file. */
  get anyToken(): boolean {
    return this.#tokens.size > 0;
  }

  /** All of them. */
  get all(): Quota[] {
    return [...this.#directories, ...this.#tokens.values()];
  }

  /** From now on tokens have these, in place of those before. */
  setTokens(holders: Iterable<QuotaHolder>): void {
    const tokens = new Map<string, Quota>();
    for (const { name, quotaBytes: bytes } of holders) {
      if (bytes === undefined) continue;
      tokens.set(name, { key: tokenKey(name), of: "token", name, bytes });
      // What other workers have stored that did not know of it yet, they have not counted.
      if (this.#begun && !this.#tokens.has(name)) this.#changedAt = Date.now();
    }
    this.#begun = true;
    this.#tokens = tokens;
  }

  /** Whether it has to be counted what becomes of a file of that name, whoever has stored it. */
  concerns(name: string): boolean {
    return this.#tokens.size > 0 || this.#directories.some(({ key }) => countsFor(key, name));
  }

  /** Those that a file counts for. */
  of(name: string, storer: string | undefined): Quota[] {
    const quotas = this.#directories.filter(({ key }) => countsFor(key, name));
    const own = storer === undefined ? undefined : this.#tokens.get(storer);
    return own === undefined ? quotas : [...quotas, own];
  }
}

/** The key of what is stored by a token. */
export function tokenKey(name: string): string {
  return `t:${name}`;
}

/**
 * Whether a file counts for a quota.
 *
 * @param storer Name of the token that it was stored by.
 */
export function countsFor(key: string, name: string, storer?: string): boolean {
  const of = key.slice(2);
  if (key.startsWith("t:")) return storer === of;
  return of === WHOLE || isBelow(name, of);
}

/** Whether a quota holds differently for what is in a directory when that gets another name. */
export function isCrossed(key: string, from: string, to: string): boolean {
  const of = key.slice(2);
  if (key.startsWith("t:") || of === WHOLE) return false;
  const inside = (directory: string) => directory === of || isBelow(directory, of);
  return inside(from) !== inside(to) || isBelow(of, from) || isBelow(of, to);
}
