import type { FileInfo, FileListRequest, FileListResponse } from "../../protocol/mod.ts";
import type { FileMoveRequest } from "../../protocol/messages/file_move.ts";
import type { FilePutRequest } from "../../protocol/messages/file_put.ts";
import type { FileSumResponse } from "../../protocol/messages/file_sum.ts";
import { readAtOnce } from "../download/read_at_once.ts";
import { parseFileName } from "../../protocol/file_name.ts";
import type {
  FileAtOnce,
  FileStorage,
  FileTarget,
  OpenedFile,
  SmallFileBatch,
  UploadRenames,
} from "../storage/file_storage.ts";
import { flushBelow } from "../storage/flush.ts";
import { notedHash } from "../storage/hash_note.ts";
import { Listings, type ListReader } from "../storage/listings.ts";
import { makeStored } from "../storage/make_stored.ts";
import {
  holdsFile,
  openFile,
  removeDirectory,
  removeFile,
  statFile,
} from "../storage/storage_files.ts";
import type { StorageCheck } from "../storage/storage_rules.ts";
import { sumStored } from "../storage/sum_stored.ts";
import { findRenamed, noteRenamed } from "../upload/renamed_notes.ts";
import type { QuotaUse } from "../../protocol/messages/file_quotas.ts";
import { quotaUse } from "../upload/quota_use.ts";
import { moveStored } from "../upload/move_stored.ts";
import { SmallFiles } from "../upload/small_files.ts";
import { storeAtOnce } from "../upload/store_at_once.ts";
import { isKeptInMemory } from "../upload/turn_storage.ts";
import { DiskTarget } from "./disk_target.ts";
import type { DiskRoot } from "./disk_upload.ts";

/** Files in a directory of a local disk. */
export class DiskStorage implements FileStorage {
  readonly #root: DiskRoot;
  readonly #listings = new Listings();
  readonly renames: UploadRenames;

  constructor(root: DiskRoot) {
    this.#root = root;
    this.renames = {
      find: (upload) => findRenamed(root, upload),
      note: (upload, name) => noteRenamed(root, upload, name),
    };
  }

  get check(): StorageCheck {
    return this.#root.check;
  }

  stat(name: string): Promise<FileInfo> {
    return statFile(this.#root, name);
  }

  async open(name: string): Promise<OpenedFile> {
    let stored: string | undefined;
    const opened = await openFile(this.#root, name, (path, info) => {
      stored = notedHash(path, info);
    });
    return stored === undefined ? opened : { ...opened, stored };
  }

  readNow(name: string, buffer: Uint8Array): FileAtOnce | undefined {
    return readAtOnce(this.#root, name, buffer);
  }

  holds(name: string, bytes: Uint8Array): Promise<boolean> {
    return holdsFile(this.#root, name, bytes);
  }

  list(
    request: FileListRequest,
    reader: ListReader,
    signal: AbortSignal,
  ): Promise<FileListResponse> {
    return this.#listings.page(this.#root, request, reader, signal);
  }

  sum(name: string, signal: AbortSignal): Promise<FileSumResponse> {
    return sumStored(this.#root, name, signal);
  }

  quotas(storer: string | undefined, signal: AbortSignal): Promise<QuotaUse[]> {
    return quotaUse(this.#root, storer, signal);
  }

  remove(name: string): Promise<void> {
    return removeFile(this.#root, name);
  }

  removeDirectory(name: string): Promise<void> {
    return removeDirectory(this.#root, name);
  }

  async makeDirectory(name: string): Promise<boolean> {
    const made = await makeStored(this.#root, name);
    if (this.#root.durability === "full") await flushBelow(this.#root, [parseFileName(name)]);
    return made;
  }

  move(request: FileMoveRequest, signal?: AbortSignal): Promise<void> {
    return moveStored(this.#root, request, signal);
  }

  storeNow(request: FilePutRequest, content: Uint8Array, storer?: string): string | undefined {
    return this.#flushesSmall ? undefined : storeAtOnce(this.#root, request, content, storer);
  }

  storeTogether(): SmallFileBatch | undefined {
    return this.#flushesSmall ? new SmallFiles(this.#root) : undefined;
  }

  /**
   * Whether small files are flushed. One that is staged in memory has no disk to be flushed to, and gets its
   * name there, or takes the steps of a larger one: to a disk that is mounted below, it is copied and flushed.
   */
  get #flushesSmall(): boolean {
    return this.#root.durability !== "none" && !isKeptInMemory(this.#root);
  }

  target(name: string, storer?: string): FileTarget {
    return new DiskTarget(this.#root, name, storer);
  }

  wasStopped(): boolean {
    return this.#root.wasStopped?.() ?? false;
  }
}
