import { join } from "node:path";
import { names } from "../e2e/harness.ts";
import type { Random } from "./random.ts";

const SHARED_MEMORY = "/dev/shm";

/** What is where in a segment: its head, the small rings, the large ones. */
const PLACES = [[0, 640], [640, 9216], [9216, 131_072]] as const;

/**
 * Writes rubbish over the shared memory of a worker, as a program that has gone wild would.
 *
 * @returns What was done; `undefined` if there is no such segment any more.
 */
export async function scribble(
  instance: string,
  port: number,
  random: Random,
): Promise<string | undefined> {
  const name = names(SHARED_MEMORY).find((name) =>
    name.startsWith(`msquicd-${instance}-${port}-`) && !name.includes(".")
  );
  if (name === undefined) return undefined;
  const [from, to] = random.pick(PLACES) ?? PLACES[0];
  const length = random.between(1, to - from);
  const offset = random.between(from, to - length);
  try {
    using file = await Deno.open(join(SHARED_MEMORY, name), { write: true });
    await file.seek(offset, Deno.SeekMode.Start);
    await file.write(random.bytes(length));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  return `${length} bytes from ${offset}`;
}
