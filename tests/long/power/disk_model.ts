import { join, normalize } from "node:path";
import { bytesOf, type Call, descriptorOf, textOf } from "./trace.ts";

/** Of so many writes, one is a moment to be looked at. */
const WRITES = 9;

/** A file: what was written to it, and when that was flushed. */
interface Inode {
  readonly writes: { end: number; at: number; bytes: Uint8Array | undefined }[];
  readonly attributes: { end: number; name: string; value: Uint8Array | undefined }[];
  readonly flushes: { start: number; end: number }[];
}

/** A change of names: done as a whole or not at all, and in order, as by a file system with a journal. */
type Change =
  & { end: number }
  & (
    | { kind: "directory" | "gone"; path: string }
    | { kind: "name"; path: string; inode: Inode }
    | { kind: "rename"; path: string; to: string }
  );

/** Of what a name is said to have been about to lead to, or to lead to. */
export interface Mark {
  readonly end: number;
  readonly done: boolean;
  readonly name: string;
  /** `-`: nothing. */
  readonly content: string;
}

/** What is left of bytes that were not flushed. */
export type Fate = "lost" | "zeros" | "kept";

/** What is on a disk. */
export interface DiskState {
  readonly directories: string[];
  readonly files: { path: string; bytes: Uint8Array; attributes: Map<string, Uint8Array> }[];
}

/** What calls did to the files below a directory, and what a power cut may leave of that. */
export class DiskModel {
  readonly marks: Mark[] = [];
  /** At which calls there may be a difference. */
  readonly moments: number[] = [];
  readonly #root: string;
  #writes = 0;
  readonly #inodes = new Map<string, Inode>();
  readonly #changes: Change[] = [];
  readonly #directoryFlushes: { start: number; end: number }[] = [];
  /** Of files that the kernel was asked to flush, by its queue and their numbers there, and when. */
  readonly #queued = new Map<string, { inode: Inode | undefined; start: number }>();
  readonly #descriptors = new Map<number, { path: string; inode: Inode | undefined; at: number }>();

  constructor(root: string, calls: readonly Call[]) {
    this.#root = root;
    for (const call of calls) this.#take(call);
  }

  /** How many of the changes of names are on the disk at a moment, at least and at most. */
  changesAt(moment: number): { least: number; most: number } {
    const flushed = Math.max(
      0,
      ...this.#directoryFlushes.filter(({ end }) => end <= moment).map(({ start }) => start),
    );
    const count = (limit: number) => this.#changes.filter(({ end }) => end <= limit).length;
    return { least: count(flushed - 1), most: count(moment) };
  }

  /** What is on the disk. */
  stateAt(moment: number, changes: number, fateOf: () => Fate): DiskState {
    const names = new Map<string, Inode | "directory">();
    for (const change of this.#changes.slice(0, changes)) {
      if (change.kind === "directory") names.set(change.path, "directory");
      else if (change.kind === "name") names.set(change.path, change.inode);
      else if (change.kind === "rename") {
        for (const [path, inode] of [...names]) {
          if (path !== change.path && !path.startsWith(`${change.path}/`)) continue;
          names.delete(path);
          names.set(change.to + path.slice(change.path.length), inode);
        }
      } else names.delete(change.path);
    }
    const fates = new Map<Inode, Fate>();
    const state: DiskState = { directories: [], files: [] };
    for (const [path, inode] of names) {
      const relative = path.slice(this.#root.length + 1);
      if (inode === "directory") state.directories.push(relative);
      else {
        const fate = fates.get(inode) ?? fateOf();
        fates.set(inode, fate);
        state.files.push({ path: relative, ...contentAt(inode, moment, fate) });
      }
    }
    return state;
  }

  #take(call: Call): void {
    const { name, args, end } = call;
    switch (name) {
      case "openat":
      case "openat2":
        return this.#open(call);
      case "mkdir":
      case "mkdirat": {
        const path = name === "mkdir" ? this.#path(args[0]!) : this.#at(args[0]!, args[1]!);
        return this.#change(path, { end, kind: "directory", path });
      }
      case "write":
      case "pwrite64":
        return this.#write(call);
      case "ftruncate": {
        const file = this.#descriptors.get(descriptorOf(args[0]!).fd);
        file?.inode?.writes.push({ end, at: Number(args[1]), bytes: undefined });
        return;
      }
      case "lseek": {
        const file = this.#descriptors.get(descriptorOf(args[0]!).fd);
        if (file !== undefined) file.at = Number(call.result.split(" ")[0]);
        return;
      }
      case "dup":
      case "fcntl": {
        if (name === "fcntl" && !args[1]!.startsWith("F_DUPFD")) return;
        const file = this.#descriptors.get(descriptorOf(args[0]!).fd);
        if (file !== undefined) this.#descriptors.set(descriptorOf(call.result).fd, file);
        return;
      }
      case "fsync":
      case "fdatasync":
        return this.#flush(call);
      case "io_submit":
        return this.#queueFlushes(call);
      case "io_getevents":
        return this.#endFlushes(call);
      case "link":
      case "linkat": {
        const [from, to] = name === "link"
          ? [this.#path(args[0]!), this.#path(args[1]!)]
          : [this.#at(args[0]!, args[1]!), this.#at(args[2]!, args[3]!)];
        return this.#name(to, this.#inodes.get(from), end);
      }
      case "rename":
        return this.#rename(this.#path(args[0]!), this.#path(args[1]!), end);
      case "renameat":
      case "renameat2":
        return this.#rename(this.#at(args[0]!, args[1]!), this.#at(args[2]!, args[3]!), end);
      case "unlink":
      case "rmdir":
      case "unlinkat": {
        const path = name === "unlinkat" ? this.#at(args[0]!, args[1]!) : this.#path(args[0]!);
        this.#inodes.delete(path);
        return this.#change(path, { end, kind: "gone", path });
      }
      case "setxattr":
      case "removexattr": {
        const inode = this.#inodes.get(this.#path(args[0]!));
        const value = name === "setxattr" ? bytesOf(args[2]!) : undefined;
        inode?.attributes.push({ end, name: textOf(args[1]!), value });
        if (inode !== undefined) this.moments.push(end);
        return;
      }
      default:
        return this.#mark(call);
    }
  }

  #open({ name, args, result, end }: Call): void {
    const { fd, path } = descriptorOf(result);
    if (path === undefined) return;
    const inside = path.startsWith(`${this.#root}/`);
    const flags = name === "openat" ? args[2]! : args[2] ?? "";
    if (inside && flags.includes("O_CREAT") && !this.#inodes.has(path)) {
      this.#name(path, { writes: [], attributes: [], flushes: [] }, end);
    }
    const inode = this.#inodes.get(path);
    if (flags.includes("O_TRUNC")) inode?.writes.push({ end, at: 0, bytes: undefined });
    const at = flags.includes("O_APPEND") ? -1 : 0;
    this.#descriptors.set(fd, { path, inode, at });
  }

  /** Most writes are like the one before. */
  #noteWrite(end: number): void {
    if (this.#writes++ % WRITES === 0) this.moments.push(end);
  }

  #write({ name, args, result, end }: Call): void {
    const file = this.#descriptors.get(descriptorOf(args[0]!).fd);
    const { path } = descriptorOf(args[0]!);
    if (file?.inode === undefined || !path?.startsWith(`${this.#root}/`)) return;
    const count = Number(result);
    const at = name === "pwrite64"
      ? Number(args[3])
      : file.at < 0
      ? lengthOf(file.inode.writes)
      : file.at;
    file.inode.writes.push({ end, at, bytes: bytesOf(args[1]!).subarray(0, count) });
    if (name === "write" && file.at >= 0) file.at += count;
    this.#noteWrite(end);
  }

  #flush({ args, start, end }: Call): void {
    const { fd, path } = descriptorOf(args[0]!);
    if (path !== this.#root && !path?.startsWith(`${this.#root}/`)) return;
    const inode = this.#descriptors.get(fd)?.inode;
    (inode?.flushes ?? this.#directoryFlushes).push({ start, end });
    this.moments.push(end);
  }

  #queueFlushes({ args: [queue, , requests = ""], result, start }: Call): void {
    const all = [...requests.matchAll(/\{aio_data=(\w+),[^{}]*=IOCB_CMD_FSYNC, aio_fildes=(\d+)/g)];
    for (const [, number, fd] of all.slice(0, Number(result))) {
      const inode = this.#descriptors.get(Number(fd))?.inode;
      this.#queued.set(`${queue} ${Number(number)}`, { inode, start });
    }
  }

  #endFlushes({ args: [queue, , , events = ""], end }: Call): void {
    for (const [, number] of events.matchAll(/\{data=(\w+), obj=\w+, res=0,/g)) {
      const { inode, start = end } = this.#queued.get(`${queue} ${Number(number)}`) ?? {};
      inode?.flushes.push({ start, end });
    }
    this.moments.push(end);
  }

  #name(path: string, inode: Inode | undefined, end: number): void {
    if (inode === undefined) return;
    this.#inodes.set(path, inode);
    this.#change(path, { end, kind: "name", path, inode });
  }

  #rename(path: string, to: string, end: number): void {
    for (const [name, inode] of [...this.#inodes]) {
      if (name !== path && !name.startsWith(`${path}/`)) continue;
      this.#inodes.delete(name);
      this.#inodes.set(to + name.slice(path.length), inode);
    }
    this.#change(path, { end, kind: "rename", path, to });
  }

  #change(path: string, change: Change): void {
    if (!path.startsWith(`${this.#root}/`) && path !== this.#root) return;
    if (path === this.#root) return;
    this.#changes.push(change);
    this.moments.push(change.end);
  }

  #mark({ args, name, end }: Call): void {
    const path = textOf(name === "chmod" ? args[0]! : args[1]!);
    const [, when, file = "", content = ""] =
      /^\/msquicd-mark\/(\w+)\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    if (when === undefined) return;
    this.marks.push({ end, done: when === "done", name: decodeURIComponent(file), content });
    this.moments.push(end);
  }

  #at(directory: string, name: string): string {
    const { path } = descriptorOf(directory);
    const text = textOf(name);
    return text.startsWith("/") ? this.#resolve(text) : normalize(join(path ?? "/", text));
  }

  #path(arg: string): string {
    return this.#resolve(textOf(arg));
  }

  /** Behind `/proc/self/fd/N` is what that descriptor leads to. */
  #resolve(path: string): string {
    const [, fd, rest = ""] = /^\/proc\/self\/fd\/(\d+)(.*)$/.exec(path) ?? [];
    if (fd === undefined) return normalize(path);
    const held = this.#descriptors.get(Number(fd))?.path ?? "/";
    return normalize(held + rest.replace(/\0$/, ""));
  }
}

function lengthOf(writes: Inode["writes"]): number {
  let length = 0;
  for (const { at, bytes } of writes) {
    length = bytes === undefined ? at : Math.max(length, at + bytes.length);
  }
  return length;
}

function contentAt(inode: Inode, moment: number, fate: Fate) {
  const flushed = Math.max(
    0,
    ...inode.flushes.filter(({ end }) => end <= moment).map(({ start }) => start),
  );
  const done = inode.writes.filter(({ end }) => end <= moment);
  const kept = fate === "kept" ? done : done.filter(({ end }) => end < flushed);
  const bytes = new Uint8Array(lengthOf(fate === "lost" ? kept : done));
  for (const { at, bytes: written } of kept) {
    if (written === undefined) bytes.fill(0, at);
    else bytes.set(written.subarray(0, Math.max(0, bytes.length - at)), at);
  }
  const attributes = new Map<string, Uint8Array>();
  for (const { end, name, value } of inode.attributes) {
    if (end > moment || (fate === "lost" && end >= flushed)) continue;
    if (value === undefined) attributes.delete(name);
    else attributes.set(name, value);
  }
  return { bytes, attributes };
}
