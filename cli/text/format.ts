import { formatBytes } from "../../base/format_bytes.ts";

export { formatBytes };

/** Bytes per second for people; `bytes` moved in `ms` milliseconds. */
export function formatRate(bytes: number, ms: number): string {
  return `${formatBytes(ms > 0 ? Math.round(bytes * 1000 / ms) : bytes)}/s`;
}

/** A moment in local time, from milliseconds since the epoch: `2026-08-03 14:05:09`. */
export function formatTime(ms: number): string {
  const time = new Date(ms);
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(twoDigits).join("-");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(":");
  return `${date} ${clock}`;
}

/** Who may read, write and execute a file, as `ls -l` shows it: `-rwxr-xr-x`; `?` where that is not known. */
export function formatMode(mode: number | undefined, directory: boolean): string {
  const bits = "rwxrwxrwx".split("");
  const shown = bits.map((bit, index) => {
    if (mode === undefined) return "?";
    return (mode >> (8 - index)) & 1 ? bit : "-";
  });
  return `${directory ? "d" : "-"}${shown.join("")}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/**
 * A name fit for a terminal: control characters, which could move the cursor or change colours, are
 * shown as escapes.
 */
export function printable(text: string): string {
  // deno-fmt-ignore
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
}

/** Text of several lines fit for a terminal: as {@linkcode printable}, but for line breaks and tabs. */
export function printableLines(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/[^\n\t]+/g, printable);
}
