import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { FileVersion } from "../protocol/mod.ts";

/** Longer names, in bytes of UTF-8, are cut: what is put around them has to fit into 255 bytes, too. */
const MAX_STEM = 160;

/** How many characters of a name that is cut stay, for people; the hash behind them tells it from others. */
const KEPT_CHARACTERS = 20;

const VERSION = /^(\d+)-(-?\d+)\.msquicd-part$/;

/** Name of the file, beside its destination, with what is there of a version of it. */
export function partialName(destination: string, { size, mtime }: FileVersion): string {
  return `${startOf(destination)}${size}-${mtime}.msquicd-part`;
}

/** Whether a name is that of such a file, of whichever destination. */
export function isPartialName(name: string): boolean {
  return /^\..+\.\d+--?\d+\.msquicd-part$/s.test(name);
}

/** The version of a destination's file that a name stands for; `undefined` if it is another file's name. */
export function versionOf(name: string, destination: string): FileVersion | undefined {
  const start = startOf(destination);
  if (!name.startsWith(start)) return undefined;
  const [, size, mtime] = VERSION.exec(name.slice(start.length)) ?? [];
  if (size === undefined || mtime === undefined) return undefined;
  return { size: Number(size), mtime: Number(mtime) };
}

function startOf(destination: string): string {
  const name = basename(destination);
  if (new TextEncoder().encode(name).length <= MAX_STEM) return `.${name}.`;
  const kept = Array.from(name).slice(0, KEPT_CHARACTERS).join("");
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 32);
  return `.${kept}~${digest}.`;
}
