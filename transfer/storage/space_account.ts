import { basename } from "node:path";
import { allocateFile } from "../../ffi/files/allocate_file.ts";
import { diskSpace } from "../../ffi/files/disk_space.ts";
import { Gate } from "../gate.ts";
import { lockSpace } from "./space_lock.ts";

/** What is kept free where nobody says: that, or a hundredth of a smaller disk. */
const MIN_FREE_BYTES = 64 * 2 ** 20;
const MIN_FREE_PART = 100;

/** For how long small files go by one look at the disk, in milliseconds, and how much of its room they take. */
const LOOK_MS = 1000;
const LOOK_PART = 16;

/** Room on a disk that is promised to a file. */
export interface Reservation extends Disposable {
  /** How many bytes are still to come: those that were written take up room by themselves. */
  left(bytes: number): void;
}

/** Why no room is reserved. */
export interface NoRoom {
  /** `disk`: there are too few bytes; `share`: the system says that it is full; `length`: of one file. */
  readonly lacks: "disk" | "share" | "length";
  /** How many bytes are missing, of those that are free and are not kept free; of a disk. */
  readonly missing: number;
}

/** A file that room is wanted for. */
export interface RoomWish {
  /** Where it is written, in a directory of its storage's own. */
  readonly directory: string;
  /** The file, which is there. */
  readonly path: string;
  /** How large it is to be, in bytes. */
  readonly bytes: number;
  /** Is asked for as many bytes as are missing; returns whether it has made the room. */
  makeRoom(missing: number): Promise<boolean>;
  /**
   * How many bytes other processes have still to write, where the file system reserves nothing.
   *
   * @param own Names of this process's files.
   */
  promisedByOthers(own: ReadonlySet<string>): Promise<number>;
  /** Tells other processes how large the file is to be, where the file system reserves nothing. */
  announce(): Promise<void>;
}

/**
 * Promises the room on a storage's disk to files that are still to come, to none twice: the file system
 * reserves it, for all processes and over their ends. Where it does not, files tell other processes what is
 * promised. Of those that look for room at the same time, in whichever process, one comes after the other.
 */
export class SpaceAccount {
  readonly #minFreeBytes: number | undefined;
  readonly #allocate: typeof allocateFile;
  readonly #turns = new Gate(1);
  /** What is promised to files of this process that the file system does not reserve, by their names. */
  readonly #promised = new Map<string, number>();
  /** Whether the file system reserves room; assumed until it says that it does not. */
  #reserves = true;
  /** What small files may take until the disk is looked at again. */
  #allowance = { bytes: 0, until: 0 };

  /**
   * @param minFreeBytes What is kept free; 64 MiB, or 1 % of a smaller disk, where it is left out.
   * @param allocate Has the file system reserve room.
   */
  constructor(minFreeBytes?: number, allocate: typeof allocateFile = allocateFile) {
    this.#minFreeBytes = minFreeBytes;
    this.#allocate = allocate;
  }

  /** Has room reserved for a file. It is given back with the file; what is only promised, by disposing. */
  async reserve(wish: RoomWish, signal?: AbortSignal): Promise<Reservation | NoRoom> {
    using _alone = await this.alone(wish.directory, signal);
    for (let asked = false;; asked = true) {
      const refusal = await this.#tryReserve(wish);
      // Nobody else looks before that is done.
      if (refusal === undefined) return await this.#promise(wish);
      const wanted = refusal.lacks === "share" ? wish.bytes : refusal.missing;
      if (refusal.lacks === "length" || asked || !await wish.makeRoom(wanted)) return refusal;
    }
  }

  /** Waits until nobody else, of whichever process, looks for room. @returns Disposed of, it lets others look. */
  async alone(staging: string, signal?: AbortSignal): Promise<Disposable> {
    using stack = new DisposableStack();
    stack.use(await this.#turns.enter(signal));
    stack.use(await lockSpace(staging));
    return stack.move();
  }

  /**
   * How many bytes are missing for so many more.
   *
   * @returns Nothing more than 0 if there is room.
   */
  missingFor(directory: string, bytes: number): number {
    return this.missingOn(directory, bytes + sum(this.#promised.values()));
  }

  /** Does what {@linkcode missingFor} does, for a disk that has nothing staged on it. */
  missingOn(directory: string, bytes: number): number {
    const space = diskSpace(directory);
    if (space === undefined) return 0;
    const { free, total } = space;
    const kept = this.#minFreeBytes ?? Math.min(MIN_FREE_BYTES, total / MIN_FREE_PART);
    return Math.ceil(bytes + kept - free);
  }

  /** Takes room for a small file. @returns Whether there is some, without having to make it. */
  take(directory: string, bytes: number): boolean {
    const now = performance.now();
    if (now > this.#allowance.until || bytes > this.#allowance.bytes) {
      const left = -this.missingFor(directory, bytes);
      if (left < 0) return false;
      // Other processes take as much meanwhile.
      this.#allowance = { bytes: bytes + left / LOOK_PART, until: now + LOOK_MS };
    }
    this.#allowance.bytes -= bytes;
    return true;
  }

  /** @returns Why there is no room, if there is none. */
  async #tryReserve(wish: RoomWish): Promise<NoRoom | undefined> {
    const missing = await this.#missing(wish);
    if (missing > 0) return { lacks: "disk", missing };
    const allocated = await this.#allocate(wish.path, wish.bytes);
    if (allocated === "full") return { lacks: "share", missing: 0 };
    if (allocated === "too-large") return { lacks: "length", missing: 0 };
    const asked = this.#reserves;
    this.#reserves = allocated === "done";
    // Others have to be asked now what they have been promised.
    return asked && !this.#reserves ? await this.#tryReserve(wish) : undefined;
  }

  async #missing(wish: RoomWish): Promise<number> {
    const { directory, path, bytes } = wish;
    const own = new Set(this.#promised.keys()).add(basename(path));
    const others = this.#reserves ? 0 : await wish.promisedByOthers(own);
    return this.missingFor(directory, bytes - await roomOf(path) + others);
  }

  async #promise(wish: RoomWish): Promise<Reservation> {
    const { path, bytes } = wish;
    if (this.#reserves) return { left() {}, [Symbol.dispose]() {} };
    const name = basename(path);
    this.#promised.set(name, bytes - await roomOf(path));
    await wish.announce();
    return {
      left: (left) => void this.#promised.set(name, left),
      [Symbol.dispose]: () => void this.#promised.delete(name),
    };
  }
}

/** How many bytes a file takes up on the disk, and at least how long it is. */
export async function roomOf(path: string): Promise<number> {
  return roomOfInfo(await Deno.stat(path));
}

/** Does what {@linkcode roomOf} does, by what was found out of it. */
export function roomOfInfo({ size, blocks }: Deno.FileInfo): number {
  return Math.max(size, (blocks ?? 0) * 512);
}

function sum(numbers: Iterable<number>): number {
  let all = 0;
  for (const number of numbers) all += number;
  return all;
}
