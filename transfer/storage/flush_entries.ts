import { flushAll } from "../../ffi/files/flush_queue_linux.ts";
import { NewFile } from "../../ffi/files/new_file_linux.ts";
import { Gate } from "../gate.ts";
import type { NewEntry } from "./held.ts";

/**
 * How many threads of the 32 that the runtime has for what takes long wait for the disk here: whatever others ask
 * for has to find one.
 */
const THREADS = 24;

const gate = new Gate(THREADS);

/** Has the disk begin to write the bytes of new files. @returns For each, whether that has not failed. */
export function writeOutEntries(entries: readonly NewEntry[]): Promise<boolean[]> {
  return Promise.all(entries.map((entry) => succeeds(entry.writeOut())));
}

/**
 * Flushes new files to the disk, at once: for many it takes hardly longer than for one.
 *
 * @returns For each, whether it is there. One that is not never will be: the system says so once.
 */
export async function flushEntries(entries: readonly NewEntry[]): Promise<boolean[]> {
  const flushed = await flushedTogether(entries);
  return await Promise.all(
    entries.map((entry, index) => flushed[index] ?? flushAlone(entry)),
  );
}

/** What was not flushed is `undefined`. */
async function flushedTogether(entries: readonly NewEntry[]): Promise<(boolean | undefined)[]> {
  const files = entries.filter((entry) => entry instanceof NewFile);
  if (files.length < Math.max(2, entries.length)) return [];
  return await flushAll(files.map(({ descriptor }) => descriptor));
}

async function flushAlone(entry: NewEntry): Promise<boolean> {
  using _place = await gate.enter();
  return await succeeds(entry.flush());
}

async function succeeds(step: Promise<void>): Promise<boolean> {
  try {
    await step;
    return true;
  } catch {
    return false;
  }
}
