import type { Client } from "../../client/mod.ts";
import type { CliContext } from "../context.ts";
import { isFatal } from "./batch.ts";
import type { Changes } from "./changes.ts";
import { BatchError } from "../errors.ts";
import type { Copying } from "./copying.ts";
import type { Watch } from "./watch_directory.ts";

/** What is shared by those who copy what changes. */
type Following = Pick<Copying, "client" | "notes" | "signal"> & {
  context: Pick<CliContext, "output">;
};

/**
 * Has all copied, and then what changes, until that is interrupted, or there is no server any more.
 *
 * @param copy Copies what has changed, or the first time everything; what it returns is printed with `--json`.
 */
export async function followChanges(
  { context: { output }, client, notes, signal }: Following,
  watch: Watch,
  copy: (changes: Changes, isFirst: boolean) => Promise<unknown[]>,
): Promise<never> {
  const lost = new AbortController();
  whenLost(client).catch((error) => lost.abort(error));
  const over = AbortSignal.any([signal, lost.signal]);
  let isFirst = true;
  for (let changes: Changes = { names: undefined };; changes = await watch.next(over)) {
    try {
      const results = await copy(changes, isFirst);
      if (isFirst || results.length > 0) output.result(results);
    } catch (error) {
      signal.throwIfAborted();
      // What fails for one file may not the next time. What is wrong from the start, or for all, ends it.
      const ofItems = error instanceof BatchError && error.cause === undefined;
      const isWrong = isFirst && !ofItems;
      if (isWrong || isFatal(error)) throw error;
      notes.note(`${output.describe(error).message}; watching on`);
    }
    isFirst = false;
  }
}

/** Never resolves. @throws Why there is no connection, once there will be none. */
async function whenLost(client: Pick<Client, "ended" | "ping">): Promise<never> {
  await client.ended;
  for (;;) await client.ping();
}

/**
 * Copies what has changed, and removes what is gone, which is not told a second time: so a file that cannot be
 * copied keeps nothing from being removed.
 *
 * @returns What became of both.
 */
export async function copyThenRemove(
  copy: () => Promise<unknown[]>,
  remove: () => Promise<unknown[]>,
): Promise<unknown[]> {
  let failure: { error: unknown } | undefined;
  const copied = await copy().catch((error): unknown[] => {
    if (isFatal(error)) throw error;
    failure = { error };
    return [];
  });
  const removed = await remove();
  if (failure !== undefined) throw failure.error;
  return [...copied, ...removed];
}
