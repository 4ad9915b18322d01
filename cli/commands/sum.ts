import { buildCommand } from "@stricli/core";
import type { FileSumResponse } from "../../client/mod.ts";
import { forEachItem } from "../files/batch.ts";
import { type ConnectionFlags, connectionFlags } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { jsonFlag, parseText } from "../flags.ts";
import { printable } from "../text/format.ts";

/** `msquicd sum NAME…` */
export const sumCommand = buildCommand<ConnectionFlags & { json: boolean }, string[], CliContext>({
  docs: {
    brief: "Show the SHA-256 of files on a server",
    fullDescription: [
      "Show the SHA-256 of files on a server, as sha256sum does: the server reads them again, and sends",
      "nothing of them. A name with * (any text without a slash), ? or ** is a pattern.",
    ].join("\n"),
  },
  parameters: {
    flags: { ...connectionFlags, json: jsonFlag },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: {
        parse: parseText,
        placeholder: "NAME",
        brief: "Names of the files, or patterns",
      },
    },
  },
  async func(flags, ...names) {
    const { withServer } = await import("../files/with_server.ts");
    await withServer(
      this,
      flags,
      ({ client, signal, named }) =>
        forEachItem(named(names), this.output, async ({ name, problem }) => {
          if (problem !== undefined) throw problem;
          return await client.sum(name, { signal });
        }, {
          isLight: () => true,
          onDone: ({ name, sha256 }: FileSumResponse) =>
            this.output.line(`${sha256}  ${printable(name)}`),
        }),
    );
  },
});
