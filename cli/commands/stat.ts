import { counted } from "../../base/counted.ts";
import { buildCommand } from "@stricli/core";
import { type ConnectionFlags, connectionFlags, openClient } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag, parseText } from "../flags.ts";
import { formatBytes, formatMode, formatTime, printable } from "../text/format.ts";

/** `msquicd stat NAME` */
export const statCommand = buildCommand<
  ConnectionFlags & { json: boolean },
  [name: string],
  CliContext
>({
  docs: { brief: "Show the size, the time and the mode of a file on a server" },
  parameters: {
    flags: { ...connectionFlags, json: jsonFlag },
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "NAME", brief: "Name of the file" }],
    },
  },
  async func(flags, name) {
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal);
    const entry = await client.stat(name, { signal });
    this.output.line(`name      ${printable(entry.name)}`);
    this.output.line(`size      ${formatBytes(entry.size)} (${counted(entry.size, "byte")})`);
    this.output.line(`modified  ${formatTime(entry.mtime)}`);
    if (entry.mode !== undefined) {
      this.output.line(`mode      ${formatMode(entry.mode, false)}`);
    }
    this.output.result(entry);
  },
});
