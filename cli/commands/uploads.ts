import { buildCommand, buildRouteMap } from "@stricli/core";
import type { UploadsResult } from "../../handlers/commands/mod.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { instanceFlag, jsonFlag, parseDuration, parseText } from "../flags.ts";

interface Flags {
  instance?: string;
  json: boolean;
}

interface RemoveFlags extends Flags {
  older?: number;
}

/** `msquicd uploads` */
const listCommand = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Show what is kept of interrupted uploads",
    fullDescription: [
      "Show what this machine's manager and its workers keep of interrupted uploads, the oldest first,",
      "and what they are receiving. It takes up room on the disk until a client goes on with it, or for",
      "a day. NAME and OF, the size of the whole file, are not always known.",
    ].join("\n"),
  },
  parameters: { flags: { instance: instanceFlag, json: jsonFlag } },
  async func({ instance }) {
    const { formatUploads } = await import("../text/uploads_text.ts");
    const { uploads } = await ask(this, instance, "uploads", {});
    this.output.line(formatUploads(uploads, this.stdout));
    this.output.result(uploads);
  },
});

/** `msquicd uploads rm ID…|--older TIME` */
const removeCommand = buildCommand<RemoveFlags, string[], CliContext>({
  docs: {
    brief: "Remove what is kept of interrupted uploads",
    fullDescription: [
      "Remove what is kept of interrupted uploads: those named by the ids that uploads shows (eight",
      "digits or more), or with --older those to which nothing was written for so long. Their clients",
      "begin again. What is being received is never removed.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      older: {
        kind: "parsed",
        parse: parseDuration,
        placeholder: "TIME",
        brief: "All to which nothing was written for so long: 0s, 30s, 5m or 1h",
        optional: true,
      },
      instance: instanceFlag,
      json: jsonFlag,
    },
    positional: {
      kind: "array",
      parameter: {
        parse: parseText,
        placeholder: "ID",
        brief: "Ids of the uploads",
        proposeCompletions: completeKept,
      },
    },
  },
  async func({ instance, older }, ...ids) {
    if ((older === undefined) === (ids.length === 0)) {
      throw new UsageError(
        "Name the uploads to remove by their ids, or give --older TIME, not both",
      );
    }
    const { formatRemoved } = await import("../text/uploads_text.ts");
    const parameters = older === undefined ? { ids } : { olderThanMs: older };
    const { uploads } = await ask(this, instance, "uploads.rm", parameters);
    this.output.line(formatRemoved(uploads));
    this.output.result(uploads);
  },
});

/** `msquicd uploads [rm ID…|--older TIME]` */
export const uploadsRoutes = buildRouteMap({
  routes: { list: listCommand, rm: removeCommand },
  defaultCommand: "list",
  docs: { brief: "Show or remove what is kept of interrupted uploads" },
});

async function ask(
  context: CliContext,
  instance: string | undefined,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<UploadsResult> {
  const { callControl, StateDirectory } = await import("../../manager/mod.ts");
  const state = new StateDirectory(instance ?? context.instance);
  return await callControl(state, method, parameters) as UploadsResult;
}

/** The ids of what could be removed, as far as a manager says so. */
async function completeKept(this: CliContext, partial: string): Promise<string[]> {
  const { callControl, StateDirectory } = await import("../../manager/mod.ts");
  try {
    const state = new StateDirectory(this.instance);
    const result = await callControl(state, "uploads", {}, { timeoutMs: 1000 }) as UploadsResult;
    return result.uploads.filter(({ active }) => !active).map(({ id }) => id)
      .filter((id) => id.startsWith(partial));
  } catch {
    // Without a manager there is nothing to propose.
    return [];
  }
}
