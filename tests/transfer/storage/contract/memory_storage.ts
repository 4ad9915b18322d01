import { createHash } from "node:crypto";
import type {
  FileInfo,
  FileListRequest,
  FileListResponse,
  FilePutRequest,
  FileSumResponse,
} from "../../../../protocol/mod.ts";
import { InvalidNameError } from "../../../../protocol/errors.ts";
import { parseFileName, parseNewFileName } from "../../../../protocol/file_name.ts";
import type { FileMoveRequest } from "../../../../protocol/messages/file_move.ts";
import {
  DirectoryNotEmptyError,
  type FileAtOnce,
  FileExistsError,
  type FileStorage,
  type FileTarget,
  NotADirectoryError,
  type OpenedFile,
} from "../../../../transfer/mod.ts";
import { StorageCheck } from "../../../../transfer/storage/storage_rules.ts";
import { MemoryDirectory, MemoryFile } from "./memory_tree.ts";
import { Memory, MemoryTarget } from "./memory_upload.ts";

/** Files in memory: another kind of storage, to see that the contract is not about disks. */
export class MemoryStorage implements FileStorage {
  readonly check = new StorageCheck();
  readonly memory = new Memory();

  // deno-lint-ignore require-await -- what it throws is to be a rejection
  async stat(name: string): Promise<FileInfo> {
    return infoOf(name, this.memory.root.file(parseFileName(name)));
  }

  // deno-lint-ignore require-await -- as above
  async open(name: string): Promise<OpenedFile> {
    const stored = this.memory.root.file(parseFileName(name));
    let at = 0;
    const file = {
      read(buffer: Uint8Array): Promise<number | null> {
        const bytes = stored.bytes.subarray(at, at + buffer.length);
        buffer.set(bytes);
        at += bytes.length;
        return Promise.resolve(bytes.length === 0 && buffer.length > 0 ? null : bytes.length);
      },
      seek(offset: number, whence: Deno.SeekMode): Promise<number> {
        const from = [0, at, stored.bytes.length][whence] ?? 0;
        return Promise.resolve(at = from + offset);
      },
      stat() {
        const { size, mtime } = infoOf(name, stored);
        return Promise.resolve({ size, mtime: new Date(mtime) });
      },
      [Symbol.dispose]() {},
    };
    return { file, info: infoOf(name, stored) };
  }

  readNow(name: string, buffer: Uint8Array): FileAtOnce | undefined {
    const file = this.memory.root.find(parseFileName(name));
    if (!(file instanceof MemoryFile) || file.bytes.length > buffer.length) return undefined;
    buffer.set(file.bytes);
    return { info: infoOf(name, file) };
  }

  holds(name: string, bytes: Uint8Array): Promise<boolean> {
    const file = this.memory.root.find(parseFileName(name));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return Promise.resolve(file instanceof MemoryFile && file.sha256 === sha256);
  }

  list({ prefix = "", after = "", limit = Infinity, directories }: FileListRequest) {
    const wanted = new Map<string, FileInfo>();
    for (const [name, entry] of this.memory.root.walk()) {
      const slash = name.indexOf("/", prefix.length);
      const closed = directories === "closed" && slash >= 0 ? name.slice(0, slash + 1) : name;
      if (!closed.startsWith(prefix) || closed <= after || closed === prefix) continue;
      if (entry instanceof MemoryDirectory && directories === undefined) continue;
      wanted.set(closed, infoOf(closed, entry));
    }
    const names = [...wanted.keys()].sort();
    const page = names.slice(0, limit);
    const entries = page.flatMap((name) => wanted.get(name) ?? []);
    const next = names.length > page.length ? page.at(-1) : undefined;
    const response: FileListResponse = next === undefined ? { entries } : { entries, next };
    return Promise.resolve(response);
  }

  // deno-lint-ignore require-await -- as above
  async sum(name: string): Promise<FileSumResponse> {
    const file = this.memory.root.file(parseFileName(name));
    const sha256 = createHash("sha256").update(file.bytes).digest("hex");
    return { ...infoOf(name, file), sha256, stored: file.sha256 };
  }

  // deno-lint-ignore require-await -- as above
  async remove(name: string): Promise<void> {
    const segments = parseFileName(name);
    this.memory.root.file(segments);
    this.memory.root.remove(segments);
  }

  // deno-lint-ignore require-await -- as above
  async removeDirectory(name: string): Promise<void> {
    const segments = parseFileName(name);
    const found = this.memory.root.get(segments);
    if (found instanceof MemoryFile) throw new NotADirectoryError(`"${name}" is a file`);
    if (found.entries.size > 0) throw new DirectoryNotEmptyError(`"${name}" is not empty`);
    this.memory.root.remove(segments);
  }

  // deno-lint-ignore require-await -- as above
  async makeDirectory(name: string): Promise<boolean> {
    const segments = parseNewFileName(name);
    this.memory.root.refuseBelowFile(segments);
    const isNew = this.memory.root.find(segments) === undefined;
    this.memory.root.make(segments);
    return isNew;
  }

  async move({ name, to, overwrite = "never" }: FileMoveRequest): Promise<void> {
    const [from, target] = [parseFileName(name), parseNewFileName(to)];
    const entry = this.memory.root.get(from);
    if (name === to) return;
    if (entry instanceof MemoryFile) {
      await new MemoryTarget(this.memory, to).find({ name: to, overwrite, mtime: entry.mtime });
    } else if (to.startsWith(`${name}/`)) {
      throw new InvalidNameError(`"${to}" is inside of "${name}"`);
    } else if (this.memory.root.find(target) !== undefined) {
      throw new FileExistsError(`"${to}" is there`);
    }
    this.memory.root.makeParent(target).entries.set(target.at(-1) ?? "", entry);
    this.memory.root.remove(from);
  }

  storeNow(_request: FilePutRequest): string | undefined {
    return undefined;
  }

  target(name: string): FileTarget {
    return new MemoryTarget(this.memory, name);
  }
}

function infoOf(name: string, entry: MemoryFile | MemoryDirectory): FileInfo {
  if (entry instanceof MemoryFile) {
    if (name.endsWith("/")) return { name: name.slice(0, -1), size: 0, mtime: 0, directory: true };
    return { name, size: entry.bytes.length, mtime: entry.mtime, mode: entry.mode };
  }
  return { name: name.slice(0, -1), size: 0, mtime: 0, directory: true };
}
