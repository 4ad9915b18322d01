import { defineCommand } from "./command.ts";
import { uploadsResult } from "./upload_status.ts";
import type { Column } from "./view.ts";

const COLUMNS: readonly Column[] = [
  { heading: "ID" },
  { heading: "BYTES", numeric: true },
  { heading: "OF", numeric: true },
  { heading: "AGE", numeric: true },
  { heading: "STATE" },
  { heading: "NAME" },
];

/** So many digits tell uploads apart, and can be typed. */
const ID_LENGTH = 12;

/** `uploads`: what is kept of interrupted uploads. */
export const uploads = defineCommand({
  name: "uploads",
  summary: "Show what is kept of interrupted uploads",
  description: [
    "Show what this machine's manager and its workers keep of interrupted uploads, the oldest first,",
    "and what they are receiving. It takes up room on the disk until a client goes on with it, or for",
    "a day. NAME and OF, the size of the whole file, are not always known.",
  ].join("\n"),
  group: {
    summary: "Show or remove what is kept of interrupted uploads",
    own: "list",
    byDefault: true,
  },
  right: "read",
  parameters: {},
  result: uploadsResult,
  run: async (context) => ({ uploads: await context.uploads() }),
  show: ({ uploads }, view) => {
    if (uploads.length === 0) return "Nothing is kept of interrupted uploads";
    const rows = uploads.map(({ id, name, bytes, size, ageMs, active }) => [
      id.slice(0, ID_LENGTH),
      view.bytes(bytes),
      size === null ? "-" : view.bytes(size),
      view.duration(ageMs),
      active ? "active" : "kept",
      name === null ? "-" : view.printable(name),
    ]);
    return view.table(COLUMNS, rows);
  },
  toJson: ({ uploads }) => uploads,
});
