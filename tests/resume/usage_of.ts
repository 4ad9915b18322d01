import { join } from "node:path";
import { holdDirectory } from "../../transfer/storage/hold_directory.ts";
import { UsageBook } from "../../transfer/storage/usage_book.ts";
import { lockUsage } from "../../transfer/storage/usage_lock.ts";
import type { ResumeBench } from "./bench.ts";

/** What is used of quotas by what is stored, as it is written down. */
export async function stored(bench: ResumeBench): Promise<Record<string, number>> {
  using _alone = await lockUsage(join(bench.root, ".msquicd/uploads"));
  using own = holdDirectory(join(bench.root, ".msquicd"));
  using book = UsageBook.open(own);
  return Object.fromEntries(book.keys.map((key) => [key, book.used(key)?.stored ?? 0]));
}
