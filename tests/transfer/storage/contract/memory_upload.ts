import { createHash } from "node:crypto";
import { type FileResumeResponse, ProtocolError } from "../../../../protocol/mod.ts";
import {
  FileExistsError,
  type FileTarget,
  type IncomingFile,
  type IncomingRoom,
  IsADirectoryError,
  NotNewerError,
  type TargetRequest,
  type UploadIdentity,
} from "../../../../transfer/mod.ts";
import { parseNewFileName } from "../../../../protocol/file_name.ts";
import { MemoryDirectory, MemoryFile } from "./memory_tree.ts";

/** How much there may be in a file. */
const ROOM = 2 ** 30;

/** Up to which size nothing is kept of what is interrupted. */
const SMALL = 1024 * 1024;

/** What is in memory: the files, what there is of uploads, and which were stored. */
export class Memory {
  readonly root = new MemoryDirectory();
  /** By what they are known; the one that receives it has the bytes that are there. */
  readonly kept = new Map<string, Received>();
  readonly stored = new Map<string, string>();
}

/** What one attempt has received; another one that goes on takes it. */
class Received {
  parts: Uint8Array[] = [];
  length = 0;

  get bytes(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

export class MemoryTarget implements FileTarget {
  readonly #memory: Memory;
  readonly name: string;
  readonly #segments: readonly string[];

  constructor(memory: Memory, name: string) {
    this.#memory = memory;
    this.name = name;
    this.#segments = parseNewFileName(name);
  }

  // deno-lint-ignore require-await -- what it throws is to be a rejection
  async find(request: TargetRequest): Promise<string | undefined> {
    try {
      this.#refuse(request);
      return undefined;
    } catch (error) {
      const earlier = this.#memory.stored.get(keyOf(this.name, request, request.id));
      if (!(error instanceof FileExistsError) || earlier === undefined) throw error;
      return earlier;
    }
  }

  // deno-lint-ignore require-await -- as above
  async begin(request: TargetRequest): Promise<IncomingFile> {
    const { offset = 0, id, part = id } = request;
    const { kept } = this.#memory;
    const key = keyOf(this.name, request, part);
    const there = id === undefined ? undefined : kept.get(key);
    if (offset > (there?.length ?? 0)) {
      throw new ProtocolError("cannot-resume", `There are fewer than ${offset} bytes`);
    }
    const received = new Received();
    if (there !== undefined && offset > 0) {
      received.parts = [there.bytes.slice(0, offset)];
      received.length = offset;
    }
    if (id !== undefined) kept.set(key, received);
    return this.#incoming(request, received, key);
  }

  // deno-lint-ignore require-await -- as above
  async resume(upload: UploadIdentity): Promise<FileResumeResponse> {
    const sha256 = this.#memory.stored.get(keyOf(this.name, upload, upload.id));
    if (sha256 !== undefined) return { offset: upload.size, sha256 };
    const key = keyOf(this.name, upload, upload.part ?? upload.id);
    const there = this.#memory.kept.get(key);
    if (there === undefined) return { offset: 0 };
    // Whoever receives it still has lost it.
    const taken = Object.assign(new Received(), { parts: [there.bytes], length: there.length });
    this.#memory.kept.set(key, taken);
    return { offset: there.length };
  }

  [Symbol.dispose](): void {}

  #incoming(request: TargetRequest, received: Received, key: string): IncomingFile {
    const { kept } = this.#memory;
    const { offset = 0, size } = request;
    const hash = createHash("sha256").update(received.bytes);
    let over = false;
    const forget = () => {
      over = true;
      if (kept.get(key) === received) kept.delete(key);
    };
    return {
      file: {
        write(bytes) {
          received.parts.push(bytes.slice());
          received.length += bytes.length;
          return Promise.resolve(bytes.length);
        },
      },
      start: offset === 0 ? undefined : { offset, hash },
      signal: undefined,
      // deno-lint-ignore require-await -- as above
      async reserve(): Promise<IncomingRoom> {
        if ((size ?? 0) > ROOM) throw new ProtocolError("no-space", "It does not fit into memory");
        return { progress() {}, [Symbol.dispose]() {} };
      },
      // deno-lint-ignore require-await -- as above
      publish: async (sha256) => {
        if (request.id !== undefined && kept.get(key) !== received) {
          throw new ProtocolError("cannot-resume", "Another request goes on with it");
        }
        this.#publish(request, received.bytes, sha256);
        forget();
      },
      dropAfter() {
        forget();
        return Promise.resolve();
      },
      [Symbol.asyncDispose]() {
        if (!over && (request.id === undefined || (size ?? 0) < SMALL)) forget();
        return Promise.resolve();
      },
    };
  }

  #publish(request: TargetRequest, bytes: Uint8Array, sha256: string): void {
    const { mtime = Date.now(), mode = 0o644, id } = request;
    this.#refuse(request);
    const file = new MemoryFile(bytes, Math.floor(mtime), mode & ~Deno.umask(), sha256);
    const parent = this.#memory.root.makeParent(this.#segments);
    parent.entries.set(this.#segments.at(-1) ?? "", file);
    if (id !== undefined) this.#memory.stored.set(keyOf(this.name, request, id), sha256);
  }

  /** @throws What has the name is not to be replaced. */
  #refuse({ overwrite = "never", mtime = Date.now() }: TargetRequest): void {
    this.#memory.root.refuseBelowFile(this.#segments);
    const there = this.#memory.root.find(this.#segments);
    if (there === undefined) return;
    if (there instanceof MemoryDirectory) {
      throw new IsADirectoryError(`"${this.name}" is a directory`);
    }
    if (overwrite === "never") throw new FileExistsError(`"${this.name}" is there`);
    if (overwrite === "newer" && mtime <= there.mtime) {
      throw new NotNewerError(`"${this.name}" is as new, or newer`);
    }
  }
}

function keyOf(name: string, { size }: { size?: number }, id: string | undefined): string {
  return JSON.stringify([id, name, size]);
}
