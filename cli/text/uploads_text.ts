import type { UploadStatus } from "../../handlers/commands/mod.ts";
import { formatBytes, formatDuration, printable } from "./format.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const COLUMNS = [
  { heading: "ID" },
  { heading: "BYTES", numeric: true },
  { heading: "OF", numeric: true },
  { heading: "AGE", numeric: true },
  { heading: "STATE" },
  { heading: "NAME" },
] as const;

/** So many digits tell uploads apart, and can be typed. */
const ID_LENGTH = 12;

/** Interrupted uploads, for people. */
export function formatUploads(uploads: readonly UploadStatus[], terminal: Terminal): string {
  if (uploads.length === 0) return "Nothing is kept of interrupted uploads";
  const rows = uploads.map(({ id, name, bytes, size, ageMs, active }) => [
    id.slice(0, ID_LENGTH),
    formatBytes(bytes),
    size === null ? "-" : formatBytes(size),
    formatDuration(ageMs),
    active ? "active" : "kept",
    name === null ? "-" : printable(name),
  ]);
  return formatTable(COLUMNS, rows, { lines: terminal.interactive });
}

/** What was removed, for people. */
export function formatRemoved(uploads: readonly UploadStatus[]): string {
  const bytes = uploads.reduce((sum, { bytes }) => sum + bytes, 0);
  const what = uploads.length === 1 ? "1 upload" : `${uploads.length} uploads`;
  return `Removed ${what}, ${formatBytes(bytes)}`;
}
