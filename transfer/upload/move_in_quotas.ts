import { filesBelow } from "../storage/count_stored.ts";
import type { Held } from "../storage/held.ts";
import { Pace } from "../storage/pace.ts";
import { isCrossed } from "../storage/quotas.ts";
import { bytesFor, type ChangedName, counting, NO_FILE, Usage } from "../storage/usage.ts";
import { findRoom } from "./quota_room.ts";
import type { UploadStorage } from "./upload_storage.ts";

/**
 * Does what gives a file another name, if there is room in the quotas that it counts for then, and counts it.
 *
 * @throws {ProtocolError} `quota-exceeded`.
 */
export async function countingMoved(
  storage: UploadStorage,
  from: ChangedName,
  to: ChangedName,
  step: () => Promise<void>,
): Promise<void> {
  await counting(storage, [from, to], step, async (usage, [file = NO_FILE, replaced = NO_FILE]) => {
    const more = (key: string) =>
      bytesFor(key, to.name, file) - bytesFor(key, to.name, replaced) -
      bytesFor(key, from.name, file);
    const quotas = storage.quotas.of(to.name, file.storer);
    await findRoom(storage, usage, { size: file.bytes, more, quotas, atAnyCost: true });
    return undefined;
  });
}

/**
 * Does the same for a directory. What is in it is only looked at where a quota holds for one of the two names
 * and not for the other.
 *
 * @throws {ProtocolError} `quota-exceeded`.
 */
export async function countingMove(
  storage: UploadStorage,
  top: Held,
  { name, to }: { name: string; to: string },
  step: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  if (!storage.quotas.all.some(({ key }) => isCrossed(key, name, to))) return await step();
  using usage = await Usage.open(storage, signal);
  const crossed = usage.keys.filter((key) => isCrossed(key, name, to));
  const added = new Map<string, number>();
  let size = 0;
  for await (const file of filesBelow(top, name, new Pace(signal), false)) {
    size += file.bytes;
    const newName = to + file.name.slice(name.length);
    for (const key of crossed) {
      const bytes = bytesFor(key, newName, file) - bytesFor(key, file.name, file);
      added.set(key, (added.get(key) ?? 0) + bytes);
    }
  }
  const more = (key: string) => added.get(key) ?? 0;
  const { all: quotas } = storage.quotas;
  await findRoom(storage, usage, { size, many: true, more, quotas, atAnyCost: true });
  usage.begin();
  try {
    await step();
    for (const [key, bytes] of added) usage.store(key, bytes);
  } finally {
    // A directory that is not moved as a whole is not moved at all.
    usage.settle();
  }
}
