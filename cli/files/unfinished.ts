import { isPartialName } from "../../client/mod.ts";
import { isStagedName } from "../../transfer/mod.ts";

/** How the names begin of what a directory's disk is tried out with. */
export const PROBE_PREFIX = ".msquicd-probe-";

/**
 * Whether a file's name is that of one which a download writes here, or has left to go on with: it is no
 * file of the user's, to be copied or removed.
 *
 * @param name Without the directories above it.
 */
export function isUnfinished(name: string): boolean {
  return name.startsWith(".") &&
    (isPartialName(name) || isStagedName(name) || name.startsWith(PROBE_PREFIX));
}
