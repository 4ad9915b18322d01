import { removeIfThere } from "../../base/mod.ts";
import type { Durability } from "../../base/durability.ts";
import type { OverwritePolicy } from "../../protocol/file_bodies.ts";
import { fileError, FileExistsError } from "../errors.ts";
import { type Place, placeOf } from "../storage/place.ts";
import { publishFile, type PublishWitness } from "./publish_file.ts";
import { makeWritable } from "./make_writable.ts";
import { modeHere, setModeIfKept } from "../storage/file_mode.ts";
import { noteHash } from "../storage/hash_note.ts";
import { noteStorer } from "../storage/storer_note.ts";
import { DEFAULT_OWNER, stagedPath } from "../storage/staged_names.ts";

/** How a staged file is published. */
export interface PublishOptions {
  /** What becomes of a file that has the name already; `never` replaces it by default. */
  overwrite?: OverwritePolicy;
  /** Time of last modification to give the file, in milliseconds since 1970-01-01 UTC. */
  mtime?: number;
  /** Who may read, write and execute it; see {@linkcode modeHere}. By default, as it was made. */
  mode?: number;
  /** Of its bytes, in hexadecimal, to be noted with the file; by default, it is not. */
  sha256?: string;
  /** By which token it is stored, to be noted with the file; by default, it is not. */
  storer?: string;
  /** What is flushed to the disk before it is done; nothing by default. */
  durability?: Durability;
}

/**
 * A file under a temporary name, which appears under its own name whole or not at all.
 *
 * The temporary name is the right to publish it: who takes the name away, by renaming or removing the
 * file, keeps its maker from it. Disposing of it before it is published or kept removes it.
 */
export class StagedFile implements AsyncDisposable {
  /** The temporary name. */
  readonly path: string;
  /** Open for reading and writing, until it is published, kept or discarded. */
  readonly file: Deno.FsFile;
  #open = true;
  #staged = true;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.file = file;
  }

  /**
   * Makes an empty file with an unguessable name.
   *
   * @param directory An existing directory, on the file system that the file is to stay on.
   * @param owner Who to remove the file for, if this process cannot; see {@linkcode removeLeftovers}.
   * @throws {FileNotFoundError | FilePermissionError | NoSpaceError}
   */
  static async create(directory: string, owner = DEFAULT_OWNER): Promise<StagedFile> {
    const path = stagedPath(directory, owner);
    try {
      // Readable for others as the umask has it: it is the finished file's mode.
      return new StagedFile(
        path,
        await Deno.open(path, { read: true, write: true, createNew: true, mode: 0o644 }),
      );
    } catch (cause) {
      throw fileError(cause, `Cannot make a file in "${directory}"`);
    }
  }

  /**
   * Goes on with a file that was kept.
   *
   * @param path Its temporary name, which nobody else may use any more.
   * @param options.createNew Whether to make it, where nothing has the name.
   * @throws {FileNotFoundError | FileExistsError | FilePermissionError | NoSpaceError}
   */
  static async reopen(path: string, { createNew = false } = {}): Promise<StagedFile> {
    const options = { read: true, write: true, createNew, mode: 0o644 };
    const open = async () => new StagedFile(path, await Deno.open(path, options));
    try {
      return await open();
    } catch (cause) {
      if (cause instanceof Deno.errors.PermissionDenied && makeWritable(path)) return await open();
      if (cause instanceof Deno.errors.AlreadyExists) {
        throw new FileExistsError(`Cannot make "${path}": a file is there already`, { cause });
      }
      throw fileError(cause, `Cannot open "${path}"`);
    }
  }

  /**
   * Gives the file its own name, making the directories it needs, in one step: who looks sees what was
   * there before, or the whole new file. Of several with the same name and `never`, exactly one succeeds.
   * (With `newer` the look and the step are two: of several, an older one may win.)
   *
   * If it fails, the file is still staged, and may be published elsewhere or discarded; but not if it could
   * not be flushed, as a system that has lost some of it once says the next time that all is there.
   *
   * @param target A place on the same file system, or its path.
   * @param witness Is told what happens, while the temporary name is still there.
   * @throws {FileExistsError | NotAFileError | FilePermissionError | NoSpaceError}
   */
  async publish(
    target: Place | string,
    options: PublishOptions = {},
    witness?: PublishWitness,
  ): Promise<void> {
    const { overwrite = "never", mtime, durability = "none" } = options;
    const mode = options.mode === undefined ? undefined : modeHere(options.mode);
    // Not by its name, which may have been taken away: then publishing fails, and says so.
    if (mtime !== undefined && this.#open) await this.file.utime(new Date(), new Date(mtime));
    if (options.sha256 !== undefined && this.#open) await this.#noteHash(options.sha256);
    if (options.storer !== undefined) noteStorer(this.path, options.storer);
    // By its name, as the runtime has no other way; who has taken that away may have the file as well.
    if (mode !== undefined) await setModeIfKept(this.path, mode);
    if (durability !== "none" && this.#open) await this.#flush(placeOf(target));
    this.#close();
    const steps = { mtime: mtime ?? Date.now(), durability, witness };
    await publishFile(this.path, placeOf(target), overwrite, steps);
    this.#staged = false;
  }

  /** Gives back the room that is reserved behind its last byte. */
  async giveRoomBack(): Promise<void> {
    if (this.#open) await this.file.truncate((await this.file.stat()).size);
  }

  /** Leaves the file under its temporary name, for someone to go on with. */
  keep(): void {
    this.#close();
    this.#staged = false;
  }

  /** Removes the file, unless it has been published. */
  async discard(): Promise<void> {
    this.#close();
    if (!this.#staged) return;
    this.#staged = false;
    await removeIfThere(this.path);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }

  /** Before its mode may forbid it. */
  async #noteHash(sha256: string): Promise<void> {
    const { size, mtime } = await this.file.stat();
    if (mtime !== null) noteHash(this.path, sha256, { size, mtime: mtime.getTime() });
  }

  /** With its time, its mode, and what is noted of it. */
  async #flush({ name }: Place): Promise<void> {
    try {
      await this.file.sync();
    } catch (cause) {
      await this.discard();
      throw fileError(cause, `Cannot store "${name}"`);
    }
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.file.close();
  }
}
