import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import type { LoadOrder } from "./access.ts";
import { describe, emit } from "./load_events.ts";
import { connectPatiently } from "./patient_connect.ts";
import type { Random } from "./random.ts";

/** Larger than what is resumed, and smaller. */
const SIZES = [0, 1, 4096, 100_000, 1_000_000, 3_000_000, 10_000_000];

/** Uploads of one client; then there is another. */
const PER_CLIENT = 15;

/** The longest pause between two, in milliseconds: the files are kept until the end. */
const MAX_PAUSE_MS = 500;

/** Stores file after file under names of its own, until the signal aborts. */
export async function storeFiles(
  order: LoadOrder,
  track: number,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  for (let number = 0; !signal.aborted;) {
    await using client = await connectPatiently(order);
    for (let count = 0; count < PER_CLIENT && !signal.aborted; count++, number++) {
      const name = `${order.prefix}/${track}/${number}`;
      const size = Math.max(0, (random.pick(SIZES) ?? 0) - random.between(0, 1));
      const data = new Uint8Array(randomBytes(size));
      const sha256 = createHash("sha256").update(data).digest("hex");
      emit({ type: "upload", name, size, sha256 });
      try {
        const result = await client.put(data, name);
        if (result.sha256 !== sha256) throw new Error(`Acknowledged as ${result.sha256}`);
        const { ino } = await Deno.stat(join(order.root, name));
        emit({ type: "acknowledged", name, inode: ino });
      } catch (error) {
        emit({ type: "upload-lost", name, error: describe(error) });
      }
      await delay(random.between(0, MAX_PAUSE_MS));
    }
  }
}
