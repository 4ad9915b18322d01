import { defineCommand } from "./command.ts";
import { InvalidParametersError } from "./parameters.ts";
import type { RemovedUploadsResult, UploadSelection } from "./upload_status.ts";

/** `uploads.rm`: removes what is kept of interrupted uploads; answers {@linkcode RemovedUploadsResult}. */
export const removeUploadsCommand = defineCommand({
  name: "uploads.rm",
  summary: "Remove what is kept of interrupted uploads",
  parameters: {
    ids: { kind: "strings", summary: "Ids of the uploads, or the first eight digits or more" },
    olderThanMs: { kind: "integer", summary: "Or all to which nothing was written for so long" },
  },
  run: async (context, { ids, olderThanMs }): Promise<RemovedUploadsResult> => ({
    uploads: await context.removeUploads(selectionOf(ids, olderThanMs)),
  }),
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
