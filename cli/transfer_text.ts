import type { PutResult } from "../client/mod.ts";
import { formatBytes, formatDuration, formatRate, printable } from "./format.ts";

/** One line about a finished transfer. */
export function formatTransfer(result: PutResult & { path?: string }): string {
  const { name, path, bytes, ms, sha256, resumedFrom } = result;
  const what = path === undefined ? printable(name) : `${printable(name)} -> ${printable(path)}`;
  const speed = `${formatBytes(bytes)} in ${formatDuration(ms)} (${
    formatRate(bytes - resumedFrom, ms)
  })`;
  const resumed = resumedFrom === 0 ? "" : `, from ${formatBytes(resumedFrom)} on`;
  return `${what}: ${speed}${resumed}, sha256 ${sha256}`;
}

/** What stands before a progress bar: the name, and which of several it is. */
export function progressLabel(name: string, index: number, count: number): string {
  return count === 1 ? name : `${index + 1}/${count} ${name}`;
}
