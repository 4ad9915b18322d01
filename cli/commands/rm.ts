import { buildCommand } from "@stricli/core";
import { forEachItem } from "../files/batch.ts";
import { type ConnectionFlags, connectionFlags, openClient } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag, parseText } from "../flags.ts";
import { printable } from "../text/format.ts";

/** `msquicd rm NAME…` */
export const rmCommand = buildCommand<
  ConnectionFlags & { json: boolean },
  string[],
  CliContext
>({
  docs: { brief: "Remove files from a server" },
  parameters: {
    flags: { ...connectionFlags, json: jsonFlag },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: { parse: parseText, placeholder: "NAME", brief: "Names of the files" },
    },
  },
  async func(flags, ...names) {
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal);
    const items = names.map((name) => ({ name }));
    const removed = await forEachItem(items, this.output, async ({ name }) => {
      await client.remove(name, { signal });
      this.output.line(`removed ${printable(name)}`);
      return { name };
    });
    this.output.result(removed);
  },
});
