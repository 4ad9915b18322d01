import { getLogger } from "@logtape/logtape";
import type { ProcessIdentity } from "../../base/mod.ts";
import { SharedMemory } from "../../ffi/shared_memory/shared_memory.ts";
import { readPrivateFile, removePrivateFile, setAside, writePrivateFile } from "./private_files.ts";

const logger = getLogger(["msquicd", "manager"]);

/** A name of shared memory, and which process it was made for, once there is one. */
export interface LedgerEntry {
  readonly name: string;
  readonly worker: ProcessIdentity | undefined;
}

/**
 * Remembers on disk which shared memory a manager has made, and for which processes, so that the next
 * one can go on with it, or remove it, if neither this one nor its workers get to. On Windows the system
 * removes it by itself.
 */
export class SegmentLedger {
  readonly #path: string;
  readonly #entries = new Map<string, LedgerEntry>();
  #writing: Promise<void> = Promise.resolve();

  /** @param path The file to keep it in. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Takes on what an earlier manager has noted; it stays noted until it is removed. A file that is not
   * all of a manager's is kept under another name.
   *
   * @returns What there is; nothing, if that manager was not killed.
   */
  async load(): Promise<LedgerEntry[]> {
    const { entries, odd } = await readLines(this.#path);
    for (const entry of entries) this.#entries.set(entry.name, entry);
    if (odd > 0) {
      const message =
        "Cannot understand all of {path}, which may name workers that run: see {aside}";
      logger.warning(message, { path: this.#path, aside: await setAside(this.#path) });
      this.#save();
    } else if (entries.length === 0) await removePrivateFile(this.#path);
    return entries;
  }

  /**
   * Notes a name; the process can be told later.
   *
   * @returns Settled once it is on disk.
   */
  add(name: string, worker?: ProcessIdentity): Promise<void> {
    this.#entries.set(name, { name, worker });
    this.#save();
    return this.flush();
  }

  remove(name: string): void {
    this.#entries.delete(name);
    this.#save();
  }

  /** Removes the shared memory as well. */
  unlink(name: string): void {
    SharedMemory.unlink(name);
    this.remove(name);
  }

  /** Settled once everything so far is on disk. */
  flush(): Promise<void> {
    return this.#writing;
  }

  #save(): void {
    this.#writing = this.#writing.then(() => this.#write()).catch((error) => {
      logger.warning("Cannot write {path}: {error}", { path: this.#path, error });
    });
  }

  async #write(): Promise<void> {
    if (this.#entries.size === 0) return await removePrivateFile(this.#path);
    const lines = Array.from(this.#entries.values(), lineOf);
    await writePrivateFile(this.#path, lines.join(""), { durable: false });
  }
}

/** What a ledger says, without taking it on. */
export async function readLedger(path: string): Promise<LedgerEntry[]> {
  return (await readLines(path)).entries;
}

/** @returns `odd`: how many of the lines are none of ours. */
async function readLines(path: string): Promise<{ entries: LedgerEntry[]; odd: number }> {
  const lines = (await readPrivateFile(path) ?? "").split("\n").filter((line) => line !== "");
  const entries = lines.flatMap((line) => entryOf(line) ?? []);
  return { entries, odd: lines.length - entries.length };
}

function lineOf({ name, worker }: LedgerEntry): string {
  return worker === undefined ? `${name}\n` : `${name} ${worker.pid} ${worker.startTime}\n`;
}

function entryOf(line: string): LedgerEntry | undefined {
  const match = /^(msquicd-[a-z0-9-]+)(?: (\d{1,10}) (\d{1,20}))?$/.exec(line);
  const [, name, pid, startTime] = match ?? [];
  if (name === undefined) return undefined;
  const worker = pid === undefined || startTime === undefined
    ? undefined
    : { pid: Number(pid), startTime: BigInt(startTime) };
  return { name, worker };
}
