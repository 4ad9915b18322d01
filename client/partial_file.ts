import { basename, dirname, join } from "node:path";
import { FileLock } from "../ffi/mod.ts";
import type { FileInfo, FileVersion } from "../protocol/mod.ts";
import { RESUMABLE_SIZE, StagedFile } from "../transfer/mod.ts";

/** Which byte of a partial file its receiver locks: one that no file has. */
const LOCK_OFFSET = 2 ** 52;

/** What an earlier call has left of a file. */
export interface Leftover {
  path: string;
  /** Of which file on the server it is. */
  version: FileVersion;
  /** How many bytes there are. */
  length: number;
}

/** A file that is being fetched; it can be left beside its destination for a later call to go on with. */
export class PartialFile implements AsyncDisposable {
  readonly staged: StagedFile;
  readonly #lock: Disposable | undefined;

  private constructor(staged: StagedFile, lock?: Disposable) {
    this.staged = staged;
    this.#lock = lock;
  }

  /**
   * Makes a file, or opens what is there of it.
   *
   * @param keeps Whether it is to stay when it is interrupted.
   */
  static async open(destination: string, info: FileInfo, keeps: boolean): Promise<PartialFile> {
    if (keeps && info.size >= RESUMABLE_SIZE) {
      const staged = await StagedFile.reopen(partialPath(destination, info), { create: true });
      const lock = tryLock(staged.path);
      if (lock !== undefined) return new PartialFile(staged, lock);
      staged.keep(); // another call is at it
    }
    return new PartialFile(await StagedFile.create(dirname(destination)));
  }

  /** Ends it after an error: with a lock, it is kept unless what is there is wrong. */
  async leave(isWrong: boolean): Promise<void> {
    if (this.#lock !== undefined && !isWrong) this.staged.keep();
    else await this.staged.discard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.staged.discard();
    this.#lock?.[Symbol.dispose]();
  }
}

/** Looks for what an earlier call has left. */
export async function findLeftover(destination: string): Promise<Leftover | undefined> {
  const directory = dirname(destination);
  const start = `.${basename(destination)}.`;
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (!isFile || !name.startsWith(start)) continue;
    const [, size, mtime] = /^(\d+)-(-?\d+)\.msquicd-part$/.exec(name.slice(start.length)) ?? [];
    if (size === undefined || mtime === undefined) continue;
    const path = join(directory, name);
    const lock = tryLock(path);
    if (lock === undefined) continue;
    const { size: length } = await Deno.lstat(path);
    lock[Symbol.dispose]();
    const version = { size: Number(size), mtime: Number(mtime) };
    if (length > 0 && length <= version.size) return { path, version, length };
  }
  return undefined;
}

function partialPath(destination: string, { size, mtime }: FileVersion): string {
  return join(dirname(destination), `.${basename(destination)}.${size}-${mtime}.msquicd-part`);
}

/** `undefined` also where there are no locks: then nothing is kept. */
function tryLock(path: string): Disposable | undefined {
  try {
    return FileLock.tryAcquire(path, LOCK_OFFSET);
  } catch {
    return undefined;
  }
}
