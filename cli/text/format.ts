const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Bytes for people, in binary units: `0 B`, `1.5 KiB`, `64 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = value.toFixed(value >= 99.95 ? 0 : 1).replace(/\.0$/, "");
  return `${digits} ${UNITS[unit]}`;
}

/** Bytes per second for people; `bytes` moved in `ms` milliseconds. */
export function formatRate(bytes: number, ms: number): string {
  return `${formatBytes(ms > 0 ? Math.round(bytes * 1000 / ms) : bytes)}/s`;
}

/** A time span for people, from milliseconds: `850 ms`, `4.2 s`, `3m 05s`, `2h 07m`, `4d 3h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** A moment in local time, from milliseconds since the epoch: `2026-08-03 14:05:09`. */
export function formatTime(ms: number): string {
  const time = new Date(ms);
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(twoDigits).join("-");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(":");
  return `${date} ${clock}`;
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
