import { buildCommand } from "@stricli/core";
import type { FileInfo } from "../../client/mod.ts";
import { type ConnectionFlags, connectionFlags, openClient } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag } from "../flags.ts";
import { formatBytes, formatTime, printable } from "../text/format.ts";

/** `msquicd ls [PREFIX]` */
export const lsCommand = buildCommand<
  ConnectionFlags & { json: boolean },
  [prefix?: string],
  CliContext
>({
  docs: { brief: "List the files on a server" },
  parameters: {
    flags: { ...connectionFlags, json: jsonFlag },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "PREFIX",
        brief: "Only names that begin with it",
        optional: true,
      }],
    },
  },
  async func(flags, prefix) {
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal);
    const entries: FileInfo[] = [];
    for await (const entry of client.list(prefix, { signal })) {
      this.output.line(formatEntry(entry));
      if (this.output.json) entries.push(entry);
      else await this.output.drained(signal);
    }
    this.output.result(entries);
  },
});

function formatEntry({ name, size, mtime }: FileInfo): string {
  return `${formatBytes(size).padStart(9)}  ${formatTime(mtime)}  ${printable(name)}`;
}
