import { buildCommand } from "@stricli/core";
import type { OverwritePolicy } from "../../client/mod.ts";
import { type ConnectionFlags, connectionFlags, openClient } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag, overwriteFlag, parseText } from "../flags.ts";
import { printable } from "../text/format.ts";

interface MvFlags extends ConnectionFlags {
  overwrite: OverwritePolicy;
  json: boolean;
}

/** `msquicd mv A B` */
export const mvCommand = buildCommand<MvFlags, [from: string, to: string], CliContext>({
  docs: {
    brief: "Give a file or directory on a server another name",
    fullDescription: [
      "Give a file on a server another name, or a directory with all that is in it, in one step where the",
      "server's disk can. A new name that ends in a slash is a directory's, in which it keeps the last",
      "part of its own. Directories that are missing are made, those that become empty are removed. What",
      "has the new name already is not replaced: a file with --overwrite, a directory never.",
    ].join("\n"),
  },
  parameters: {
    flags: { ...connectionFlags, overwrite: overwriteFlag, json: jsonFlag },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: parseText, placeholder: "NAME", brief: "Name of the file or directory" },
        { parse: parseText, placeholder: "NEW", brief: "Its new name" },
      ],
    },
  },
  async func(flags, from, to) {
    const name = from.replace(/\/$/, "");
    const newName = to.endsWith("/") ? `${to}${name.slice(name.lastIndexOf("/") + 1)}` : to;
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal);
    await client.move(name, newName, { overwrite: flags.overwrite, signal });
    this.output.line(`${printable(name)} -> ${printable(newName)}`);
    this.output.result({ from: name, name: newName, server: client.server });
  },
});
