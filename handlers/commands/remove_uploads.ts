import { counted } from "../../base/counted.ts";
import { defineCommand } from "./command.ts";
import { InvalidParametersError } from "./parameters.ts";
import { type UploadSelection, uploadsResult } from "./upload_status.ts";
import { uploads } from "./uploads.ts";

/** `uploads.rm`: removes what is kept of interrupted uploads; answers those that were removed. */
export const removeUploadsCommand = defineCommand({
  name: "uploads.rm",
  summary: "Remove what is kept of interrupted uploads",
  description: [
    "Remove what is kept of interrupted uploads: those named by the ids that uploads shows (four",
    "digits or more), or with --older those to which nothing was written for so long. Their clients",
    "begin again. What is being received is never removed: cancel ends it.",
  ].join("\n"),
  right: "admin",
  parameters: {
    olderThanMs: {
      kind: "duration",
      summary: "All to which nothing was written for so long: 0s, 30s, 5m or 1h",
      flag: "older",
    },
    ids: {
      kind: "strings",
      summary: "Ids of the uploads",
      placeholder: "ID",
      positional: true,
      complete: async (ask) => {
        const known = await ask(uploads);
        return known.uploads.filter(({ active }) => !active).map(({ id }) => id);
      },
    },
  },
  result: uploadsResult,
  run: async (context, { ids, olderThanMs }) => ({
    uploads: await context.removeUploads(selectionOf(ids, olderThanMs)),
  }),
  show: ({ uploads }, view) => {
    const bytes = uploads.reduce((sum, { bytes }) => sum + bytes, 0);
    return `Removed ${counted(uploads.length, "upload")}, ${view.bytes(bytes)}`;
  },
  toJson: ({ uploads }) => uploads,
});

/** Not saying which is not the same as saying all. */
function selectionOf(
  ids: readonly string[] | undefined,
  olderThanMs: number | undefined,
): UploadSelection {
  if (ids !== undefined && ids.length > 0 && olderThanMs === undefined) return { ids };
  if (ids === undefined && olderThanMs !== undefined && olderThanMs >= 0) return { olderThanMs };
  throw new InvalidParametersError(
    'Cannot run uploads.rm: give either "ids" or "olderThanMs"',
  );
}
