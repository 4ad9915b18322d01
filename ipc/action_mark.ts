import { createHash } from "node:crypto";

/** So many digits tell the workers of all times apart. */
const DIGITS = 32;

/**
 * What the marks begin with that the processes of a worker's actions have in their environments: of the
 * name of its segment, which nobody else may know, a hash.
 */
export function actionMark(segment: string): string {
  return `${createHash("sha256").update(segment).digest("hex").slice(0, DIGITS)}:`;
}
