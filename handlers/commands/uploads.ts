import { defineCommand } from "./command.ts";
import type { UploadsResult } from "./upload_status.ts";

/** `uploads`: what is kept of interrupted uploads; answers {@linkcode UploadsResult}. */
export const uploads = defineCommand({
  name: "uploads",
  summary: "Show what is kept of interrupted uploads",
  parameters: {},
  run: async (context): Promise<UploadsResult> => ({ uploads: await context.uploads() }),
});
