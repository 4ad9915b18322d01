import { createHash } from "node:crypto";
import { join } from "node:path";
import { names } from "../e2e/harness.ts";
import type { Ledger } from "./load.ts";
import type { Timeline } from "./timeline.ts";

/** What a load stores besides the uploads that are counted, and the storage's own. */
const UNCOUNTED = /^(load-\d+\/kept-\d+|\.msquicd\/(id|space|receipts\/\d+\.receipts))$/;

/**
 * Compares what is stored with what was acknowledged: nothing may be missing, changed, stored twice, or
 * there without having been sent.
 */
export async function verify(root: string, ledger: Ledger, timeline: Timeline): Promise<void> {
  for (const [name, upload] of ledger.uploads) {
    const { acknowledgements, lost } = upload;
    if (acknowledgements > 1) timeline.failed(`${name} was acknowledged ${acknowledgements} times`);
    if (acknowledgements === 0 && !lost) timeline.failed(`${name} was neither stored nor refused`);
    if (acknowledgements === 0) continue;
    const found = await look(join(root, name));
    if (found === undefined) timeline.failed(`${name} was acknowledged and is not there`);
    else if (found.sha256 !== upload.sha256) timeline.failed(`${name} is not what was sent`);
    else if (found.inode !== upload.inode) timeline.failed(`${name} was stored twice`);
  }
  for (const name of filesIn(root)) {
    if (!ledger.uploads.has(name) && !UNCOUNTED.test(name)) {
      timeline.failed(`${name} is there and should not be`);
    }
  }
  await checkReceipts(join(root, ".msquicd", "receipts"), ledger, timeline);
}

/** Each upload that was stored has one receipt, under which a repetition would find it. */
async function checkReceipts(
  directory: string,
  ledger: Ledger,
  timeline: Timeline,
): Promise<void> {
  const receipts = new Map<string, Set<string>>();
  for (const name of names(directory)) {
    for (const line of (await Deno.readTextFile(join(directory, name))).split("\n")) {
      const [key, sha256] = line.split(" ");
      if (!key || !sha256) continue;
      receipts.set(key, (receipts.get(key) ?? new Set()).add(sha256));
    }
  }
  for (const [key, hashes] of receipts) {
    if (hashes.size > 1) timeline.failed(`Receipt ${key} is for ${hashes.size} different files`);
  }
  const stored = [...ledger.uploads.values()].filter(({ acknowledgements }) =>
    acknowledgements > 0
  );
  if (receipts.size < stored.length) {
    timeline.failed(`${stored.length} uploads were acknowledged, ${receipts.size} noted`);
  }
}

async function look(path: string): Promise<{ sha256: string; inode: number | null } | undefined> {
  try {
    const { ino } = await Deno.stat(path);
    const sha256 = createHash("sha256").update(await Deno.readFile(path)).digest("hex");
    return { sha256, inode: ino };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function filesIn(root: string, below = ""): string[] {
  return Array.from(Deno.readDirSync(join(root, below))).flatMap(({ name, isDirectory }) => {
    const path = below === "" ? name : `${below}/${name}`;
    return isDirectory ? filesIn(root, path) : [path];
  });
}
