import { join } from "node:path";
import type { OverwritePolicy } from "../protocol/mod.ts";
import { fileError } from "./errors.ts";
import { publishFile } from "./publish_file.ts";

/** Whose a staged file is, when nobody says. */
const DEFAULT_OWNER = ".msquicd";

/** How a staged file is published. */
export interface PublishOptions {
  /** What becomes of a file that has the name already; `never` replaces it by default. */
  overwrite?: OverwritePolicy;
  /** Time of last modification to give the file, in milliseconds since 1970-01-01 UTC. */
  mtime?: number;
}

/**
 * A file under a temporary name, which appears under its own name whole or not at all.
 *
 * Disposing of it before it is published removes it.
 */
export class StagedFile implements AsyncDisposable {
  /** The temporary name. */
  readonly path: string;
  /** Open for writing, until it is published or discarded. */
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
    const path = join(directory, `${owner}-${crypto.randomUUID()}.part`);
    try {
      // Readable for others as the umask has it: it is the finished file's mode.
      return new StagedFile(
        path,
        await Deno.open(path, { write: true, createNew: true, mode: 0o644 }),
      );
    } catch (cause) {
      throw fileError(cause, `Cannot make a file in "${directory}"`);
    }
  }

  /**
   * Gives the file its own name, making the directories it needs, in one step: who looks sees what was
   * there before, or the whole new file. Of several with the same name and `never`, exactly one succeeds.
   * (With `newer` the look and the step are two: of several, an older one may win.)
   *
   * If it fails, the file is still staged, and may be published elsewhere or discarded.
   *
   * @param target Absolute path on the same file system.
   * @throws {FileExistsError | NotAFileError | FilePermissionError | NoSpaceError}
   */
  async publish(target: string, options: PublishOptions = {}): Promise<void> {
    const { overwrite = "never", mtime } = options;
    this.#close();
    if (mtime !== undefined) await Deno.utime(this.path, new Date(), new Date(mtime));
    await publishFile(this.path, target, overwrite, mtime ?? Date.now());
    this.#staged = false;
  }

  /** Removes the file, unless it has been published. */
  async discard(): Promise<void> {
    this.#close();
    if (!this.#staged) return;
    this.#staged = false;
    try {
      await Deno.remove(this.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.file.close();
  }
}

/**
 * Removes the staged files that an owner left behind, by being killed for instance.
 *
 * @param directory Where they were made; nothing is done if it does not exist.
 * @param owner As given to {@linkcode StagedFile.create}; must have none in use.
 * @returns How many there were.
 */
export async function removeLeftovers(directory: string, owner = DEFAULT_OWNER): Promise<number> {
  let count = 0;
  try {
    for (const entry of await Array.fromAsync(Deno.readDir(directory))) {
      if (!entry.isFile || !isStagedBy(owner, entry.name)) continue;
      await Deno.remove(join(directory, entry.name));
      count++;
    }
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) {
      throw fileError(cause, `Cannot clean up "${directory}"`);
    }
  }
  return count;
}

function isStagedBy(owner: string, name: string): boolean {
  return name.startsWith(`${owner}-`) && /^[0-9a-f-]{36}\.part$/.test(name.slice(owner.length + 1));
}
