import {
  FileExistsError,
  FileNotFoundError,
  IsADirectoryError,
  NotADirectoryError,
} from "../../../../transfer/mod.ts";

/** A file that was stored, whose bytes never change. */
export class MemoryFile {
  constructor(
    readonly bytes: Uint8Array,
    readonly mtime: number,
    readonly mode: number,
    readonly sha256: string,
  ) {}
}

/** A directory, with what is in it by its names. */
export class MemoryDirectory {
  readonly entries = new Map<string, MemoryFile | MemoryDirectory>();

  /** What has a name below it; `undefined` if nothing has. */
  find(segments: readonly string[]): MemoryFile | MemoryDirectory | undefined {
    const [first, ...rest] = segments;
    if (first === undefined) return this;
    const next = this.entries.get(first);
    if (next instanceof MemoryDirectory) return next.find(rest);
    return rest.length === 0 ? next : undefined;
  }

  /** @throws {FileNotFoundError} */
  get(segments: readonly string[]): MemoryFile | MemoryDirectory {
    const found = this.find(segments);
    if (found === undefined) {
      throw new FileNotFoundError(`Nothing is called "${segments.join("/")}"`);
    }
    return found;
  }

  /** @throws {FileNotFoundError | IsADirectoryError} */
  file(segments: readonly string[]): MemoryFile {
    const found = this.get(segments);
    if (found instanceof MemoryFile) return found;
    throw new IsADirectoryError(`"${segments.join("/")}" is a directory`);
  }

  /** The directory that a name is in, made with those above it if it is missing. @throws {NotADirectoryError} */
  makeParent(segments: readonly string[]): MemoryDirectory {
    this.refuseBelowFile(segments);
    return this.make(segments.slice(0, -1));
  }

  /** @throws {NotADirectoryError} A part of the path is a file. */
  refuseBelowFile(segments: readonly string[]): void {
    for (let depth = 1; depth < segments.length; depth++) {
      if (!(this.find(segments.slice(0, depth)) instanceof MemoryFile)) continue;
      throw new NotADirectoryError(`A part of "${segments.join("/")}" is a file`);
    }
  }

  /** @throws {FileExistsError} A file has the name. */
  make(segments: readonly string[]): MemoryDirectory {
    const [first, ...rest] = segments;
    if (first === undefined) return this;
    const next = this.entries.get(first) ?? new MemoryDirectory();
    if (next instanceof MemoryFile) throw new FileExistsError(`"${first}" is a file`);
    this.entries.set(first, next);
    return next.make(rest);
  }

  /** Takes a name away, and the directories that thereby become empty. */
  remove(segments: readonly string[]): void {
    for (let depth = segments.length; depth > 0; depth--) {
      const parent = this.find(segments.slice(0, depth - 1));
      const last = segments[depth - 1] ?? "";
      if (!(parent instanceof MemoryDirectory)) return;
      const there = parent.entries.get(last);
      const emptied = there instanceof MemoryDirectory && there.entries.size === 0;
      if (depth < segments.length && !emptied) return;
      parent.entries.delete(last);
    }
  }

  /** All files and empty directories; these with a slash at the end of their names. */
  *walk(prefix = ""): Generator<[string, MemoryFile | MemoryDirectory]> {
    for (const [name, entry] of this.entries) {
      if (entry instanceof MemoryFile) yield [prefix + name, entry];
      else if (entry.entries.size === 0) yield [`${prefix}${name}/`, entry];
      else yield* entry.walk(`${prefix}${name}/`);
    }
  }
}
