import type { HelloResponse, WantedCompression } from "../protocol/mod.ts";
import type { Tasks } from "../tasks/tasks.ts";

/** How the bytes of files are compressed on a connection. */
export interface Compressing {
  readonly mode: WantedCompression;
  /** What compresses, and decompresses. */
  readonly tasks: Tasks;
  /** Its server's answer to the greeting. */
  readonly greeted: Promise<HelloResponse>;
  /** Whether they are to be compressed, as far as the path is known by now. */
  pays(): boolean;
}

/** On a path that is shorter, in milliseconds, bytes are mostly sent faster than they are compressed. */
const SHORT_MS = 1;

/** Within a machine, one that takes less is a wait for a processor. */
const SHORT_WITHIN_MS = 10;

/**
 * Whether files are compressed at all on a path: `auto` leaves short ones alone, but where there is a rate.
 *
 * @param within Whether it is one within this machine.
 */
export function isWorthwhile(
  mode: WantedCompression,
  roundTripMs: number,
  { pacer, within }: { pacer?: object | undefined; within: boolean },
): boolean {
  const shortMs = within ? SHORT_WITHIN_MS : SHORT_MS;
  return mode === "zstd" || roundTripMs >= shortMs || pacer !== undefined;
}
