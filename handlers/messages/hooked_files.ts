import { join } from "node:path";
import type { FileInfo, FileListRequest, FileListResponse } from "../../protocol/mod.ts";
import type { FilePutRequest } from "../../protocol/mod.ts";
import type {
  FileStorage,
  FileTarget,
  ListReader,
  OpenedFile,
  SmallFileBatch,
} from "../../transfer/mod.ts";
import type { HookedClient, StorageHooks } from "./hooks.ts";
import { HookedTarget } from "./hooked_target.ts";

/**
 * The files of a server, as one request sees them whose server has hooks: whatever stores or removes a file asks
 * these before.
 */
export class HookedFiles implements FileStorage {
  readonly #files: FileStorage;
  readonly #hooks: StorageHooks;
  readonly #client: HookedClient;

  constructor(files: FileStorage, hooks: StorageHooks, client: HookedClient) {
    this.#files = files;
    this.#hooks = hooks;
    this.#client = client;
  }

  get check(): FileStorage["check"] {
    return this.#files.check;
  }

  stat(name: string): Promise<FileInfo> {
    return this.#files.stat(name);
  }

  open(name: string): Promise<OpenedFile> {
    return this.#files.open(name);
  }

  readNow(...request: Parameters<FileStorage["readNow"]>): ReturnType<FileStorage["readNow"]> {
    return this.#files.readNow(...request);
  }

  holds(name: string, bytes: Uint8Array): Promise<boolean> {
    return this.#files.holds(name, bytes);
  }

  list(
    request: FileListRequest,
    reader: ListReader,
    signal: AbortSignal,
  ): Promise<FileListResponse> {
    return this.#files.list(request, reader, signal);
  }

  sum(name: string, signal: AbortSignal): ReturnType<FileStorage["sum"]> {
    return this.#files.sum(name, signal);
  }

  async quotas(
    ...request: Parameters<NonNullable<FileStorage["quotas"]>>
  ): ReturnType<NonNullable<FileStorage["quotas"]>> {
    return await this.#files.quotas?.(...request) ?? [];
  }

  async remove(name: string): Promise<void> {
    const { onDelete } = this.#hooks;
    if (onDelete !== undefined) {
      const { size, mtime } = await this.#files.stat(name);
      const path = join(this.#client.storage.path, name);
      await onDelete({ name, size, mtime, path }, this.#client);
    }
    await this.#files.remove(name);
  }

  removeDirectory(name: string): Promise<void> {
    return this.#files.removeDirectory(name);
  }

  makeDirectory(name: string): boolean | Promise<boolean> {
    return this.#files.makeDirectory(name);
  }

  move(request: Parameters<FileStorage["move"]>[0], signal?: AbortSignal): Promise<void> {
    return this.#files.move(request, signal);
  }

  /** Hooks are waited for. */
  storeNow(request: FilePutRequest, content: Uint8Array, storer?: string): string | undefined {
    const { onUploadStart, onUploadComplete } = this.#hooks;
    if (onUploadStart !== undefined || onUploadComplete !== undefined) return undefined;
    return this.#files.storeNow(request, content, storer);
  }

  storeTogether(): SmallFileBatch | undefined {
    const { onUploadStart, onUploadComplete } = this.#hooks;
    if (onUploadStart !== undefined || onUploadComplete !== undefined) return undefined;
    return this.#files.storeTogether?.();
  }

  target(name: string, storer?: string): FileTarget {
    const target = (wanted: string) => this.#files.target(wanted, storer);
    return new HookedTarget(this.#files, target, this.#hooks, this.#client, name);
  }

  wasStopped(): boolean {
    return this.#files.wasStopped?.() ?? false;
  }
}
