import assert from "node:assert/strict";
import { join } from "node:path";
import type { TransferResult } from "../../client/mod.ts";
import type { TransfersResult } from "../../handlers/commands/mod.ts";
import { randomData, sha256 } from "../resume/bench.ts";
import { type Finished, names, type Site, waitFor } from "../e2e/harness.ts";

export const MIB = 1024 * 1024;

/** Makes a file of random bytes. @returns Its SHA-256, in hexadecimal. */
export async function makeFile(path: string, size: number): Promise<string> {
  const data = randomData(size);
  await Deno.writeFile(path, data);
  return sha256(data);
}

export async function hashOf(path: string): Promise<string> {
  return sha256(await Deno.readFile(path));
}

/** Waits until a worker has moved so much of a file. */
export async function underWay(site: Site, name: string, bytes: number): Promise<void> {
  await waitFor(`${name} is under way`, async () => {
    const { transfers } = await site.json<TransfersResult>("transfers");
    return transfers.some((transfer) => transfer.name === name && transfer.offset >= bytes);
  });
}

/** What `put` or `get` of one file says with `--json`. */
export function resultOf({ code, stdout, stderr }: Finished): TransferResult {
  assert.equal(code, 0, stdout + stderr);
  return JSON.parse(stdout)[0];
}

/** How a command with `--json` that failed says why. */
export function errorOf(
  { code, stdout, stderr }: Finished,
  expected: number,
): { code: string; message: string; missingBytes?: number } {
  assert.equal(code, expected, stdout + stderr);
  const { error } = JSON.parse(stdout);
  assert.ok(error.message.length > 0);
  return error;
}

/** How much room the files of a directory take up, in bytes. */
export function roomIn(directory: string): number {
  let bytes = 0;
  for (const name of names(directory)) {
    bytes += (Deno.lstatSync(join(directory, name)).blocks ?? 0) * 512;
  }
  return bytes;
}

export function stagedOf(site: Site): string[] {
  return names(join(site.root, ".msquicd", "uploads"));
}

/** Nothing is staged, or nothing soon. */
export async function waitForNothingStaged(site: Site): Promise<void> {
  await waitFor("nothing is staged", () => stagedOf(site).length === 0)
    .catch((error) => assert.fail(`${error}: ${stagedOf(site)}`));
}

/** Ends it all, of which nothing is to be left. */
export async function end(site: Site, manager: { finished: Promise<Finished> }): Promise<void> {
  assert.equal((await site.run("shutdown")).code, 0);
  await manager.finished;
  await site.assertNothingLeft();
}
