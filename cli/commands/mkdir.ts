import { buildCommand } from "@stricli/core";
import { forEachItem } from "../files/batch.ts";
import { type ConnectionFlags, connectionFlags, openClient } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag, parseText } from "../flags.ts";
import { printable } from "../text/format.ts";

/** `msquicd mkdir NAME…` */
export const mkdirCommand = buildCommand<ConnectionFlags & { json: boolean }, string[], CliContext>(
  {
    docs: {
      brief: "Make directories on a server",
      fullDescription: [
        "Make directories on a server, and those above them that are missing. One that is there already is",
        "success, said so. (To put a file into a directory, none need be made before.) A directory goes when",
        "the last file in it is removed or moved away.",
      ].join("\n"),
    },
    parameters: {
      flags: { ...connectionFlags, json: jsonFlag },
      positional: {
        kind: "array",
        minimum: 1,
        parameter: { parse: parseText, placeholder: "NAME", brief: "Names of the directories" },
      },
    },
    async func(flags, ...names) {
      using interruption = this.interruption();
      const { signal } = interruption;
      await using client = await openClient(flags, this, signal);
      const items = names.map((name) => ({ name: name.replace(/\/$/, "") }));
      const results = await forEachItem(items, this.output, async ({ name }) => {
        const made = await client.makeDirectory(name, { signal });
        this.output.line(
          made ? `made ${printable(name)}/` : `${printable(name)}/ is there already`,
        );
        return { name, made };
      });
      this.output.result(results);
    },
  },
);
