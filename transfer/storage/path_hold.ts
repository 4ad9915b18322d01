import { rmdirSync } from "node:fs";
import type { InodeInfo } from "../../ffi/files/descriptor_linux.ts";
import { SystemError } from "../../ffi/files/system_error.ts";
import type { Held, NewEntry, Wanted } from "./held.ts";

/** Something that is known by its path alone, where the system has no other way. */
export class PathHold implements Held {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** A directory, which may be found by a symbolic link. */
  static directory(path: string): PathHold {
    if (!Deno.statSync(path).isDirectory) throw new SystemError("ENOTDIR", path);
    return new PathHold(path);
  }

  openBelow(relative: string, wanted: Wanted = "anything"): PathHold {
    const paths = this.#pathsTo(relative);
    for (const path of paths) check(path, Deno.lstatSync(path), paths, wanted);
    return new PathHold(`${this.path}/${relative}`);
  }

  async openBelowLater(relative: string, wanted: Wanted = "anything"): Promise<PathHold> {
    const paths = this.#pathsTo(relative);
    for (const path of paths) check(path, await Deno.lstat(path), paths, wanted);
    return new PathHold(`${this.path}/${relative}`);
  }

  stat(): InodeInfo {
    return inodeInfo(Deno.lstatSync(this.path));
  }

  statEntry(name: string): InodeInfo {
    return inodeInfo(Deno.lstatSync(`${this.path}/${name}`));
  }

  async statEntryLater(name: string): Promise<InodeInfo> {
    return inodeInfo(await Deno.lstat(`${this.path}/${name}`));
  }

  readEntry(name: string, buffer: Uint8Array): InodeInfo | undefined {
    try {
      const info = this.statEntry(name);
      if (info.kind !== "file" || info.size > buffer.length) return undefined;
      using file = Deno.openSync(`${this.path}/${name}`);
      for (let filled = 0; filled < info.size;) {
        const count = file.readSync(buffer.subarray(filled, info.size));
        if (count === null) return undefined; // it is becoming shorter
        filled += count;
      }
      return info;
    } catch {
      return undefined;
    }
  }

  createEntry(name: string, mode: number): NewEntry {
    const file = Deno.openSync(`${this.path}/${name}`, { write: true, createNew: true, mode });
    return {
      writeSync(bytes) {
        for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      },
      utimeSync: (time) => file.utimeSync(new Date(), new Date(time)),
      setAttribute() {},
      writeOut: () => Promise.resolve(),
      flush: () => file.sync(),
      [Symbol.dispose]: () => file.close(),
    };
  }

  linkEntry(name: string, to: Held, newName: string): void {
    Deno.linkSync(`${this.path}/${name}`, `${to.path}/${newName}`);
  }

  removeEntry(name: string): void {
    Deno.removeSync(`${this.path}/${name}`);
  }

  removeDirectory(name: string): void {
    const path = `${this.path}/${name}`;
    // Some versions of the runtime remove files as well.
    if (!Deno.lstatSync(path).isDirectory) throw new SystemError("ENOTDIR", path);
    rmdirSync(path);
  }

  [Symbol.dispose](): void {}

  /** The paths of all that is on the way, and of what is at its end. */
  #pathsTo(relative: string): string[] {
    let at = this.path;
    return relative.split("/").map((segment) => at = `${at}/${segment}`);
  }
}

/** @throws {SystemError} It is no directory, although it is on the way or one is wanted. */
function check(
  path: string,
  info: Deno.FileInfo,
  paths: readonly string[],
  wanted: Wanted,
): void {
  if (info.isDirectory || wanted === "anything" && path === paths.at(-1)) return;
  throw new SystemError(info.isSymlink ? "ELOOP" : "ENOTDIR", path);
}

function inodeInfo(info: Deno.FileInfo): InodeInfo {
  const { dev, ino, size, mtime, birthtime, mode } = info;
  return {
    kind: kindOf(info),
    // Windows has nothing like it; what the runtime makes up is not to be kept.
    mode: Deno.build.os === "windows" || mode === null ? undefined : mode & 0o777,
    dev,
    ino: ino ?? 0,
    size,
    mtime: mtime?.getTime() ?? 0,
    born: birthtime?.getTime() ?? 0,
  };
}

function kindOf({ isFile, isDirectory, isSymlink }: Deno.FileInfo): InodeInfo["kind"] {
  if (isSymlink) return "link";
  if (isDirectory) return "directory";
  return isFile ? "file" : "other";
}
