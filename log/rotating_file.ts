import { CodedError } from "../base/mod.ts";
import type { QueueTarget } from "./text_queue.ts";

/** How large a log may grow. */
export interface RotatingFileOptions {
  /** A file of this size is set aside and a new one begun; 8 MiB if not given. */
  maxBytes?: number;
  /** How many are kept that were set aside, as `NAME.1` (the newest), `NAME.2` and so on; 3 if not given. */
  kept?: number;
  /** How often it is looked whether the file is still where it was, in milliseconds; 1 second if not given. */
  lookMs?: number;
  /** Is told when the file has been made or opened. */
  onOpen?: ((path: string) => void) | undefined;
}

const MAX_BYTES = 8 * 1024 * 1024;
const KEPT = 3;
const OWNER_ONLY = 0o600;
const LOOK_MS = 1000;

/** What is to be a log is a link: whoever set it may mean any file. */
export class LogIsLinkError extends CodedError {
  readonly code = "log-is-link";

  constructor(path: string) {
    super(`Cannot log to "${path}": it is a link; remove it, so that a file can be made there`);
  }
}

/**
 * A log file of bounded size. It is appended to; when it is renamed or removed by others, as `logrotate`
 * does, a new one is begun under its name.
 */
export class RotatingFile implements QueueTarget, Disposable {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #kept: number;
  readonly #lookMs: number;
  readonly #onOpen: (path: string) => void;
  #file: Deno.FsFile | undefined;
  #size = 0;
  #lookedAt = 0;

  /** @param path Of the file. It is opened when something is written. */
  constructor(path: string, options: RotatingFileOptions = {}) {
    this.#path = path;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#kept = options.kept ?? KEPT;
    this.#lookMs = options.lookMs ?? LOOK_MS;
    this.#onOpen = options.onOpen ?? (() => {});
  }

  /** @throws {LogIsLinkError} If it is a link; else what the system says. */
  async write(bytes: Uint8Array): Promise<number> {
    await this.#lookForIt();
    if (this.#file !== undefined && this.#size > 0 && this.#size + bytes.length > this.#maxBytes) {
      await this.#setAside();
    }
    this.#file ??= await this.#open();
    const written = await this.#file.write(bytes);
    this.#size += written;
    return written;
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }

  async #open(): Promise<Deno.FsFile> {
    const present = await ifThere(Deno.lstat(this.#path));
    if (present?.isSymlink) throw new LogIsLinkError(this.#path);
    const file = await Deno.open(this.#path, { append: true, create: true, mode: OWNER_ONLY });
    this.#size = present?.size ?? 0;
    this.#lookedAt = performance.now();
    this.#onOpen(this.#path);
    return file;
  }

  /** Lets go of a file that has no longer its name. */
  async #lookForIt(): Promise<void> {
    if (this.#file === undefined || performance.now() - this.#lookedAt < this.#lookMs) return;
    this.#lookedAt = performance.now();
    const [ours, named] = await Promise.all([this.#file.stat(), ifThere(Deno.lstat(this.#path))]);
    if (named !== undefined && named.ino === ours.ino && named.dev === ours.dev) return;
    this[Symbol.dispose]();
  }

  async #setAside(): Promise<void> {
    this[Symbol.dispose]();
    for (let number = this.#kept - 1; number > 0; number--) {
      await ifThere(Deno.rename(`${this.#path}.${number}`, `${this.#path}.${number + 1}`));
    }
    await ifThere(Deno.rename(this.#path, `${this.#path}.1`));
  }
}

async function ifThere<Value>(value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
