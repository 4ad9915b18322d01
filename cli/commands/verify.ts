import { buildCommand } from "@stricli/core";
import { connectionFlags } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import type { VerifyFlags } from "../files/verify_files.ts";
import { jsonFlag, parseText } from "../flags.ts";

/** `msquicd verify NAME…|-r [DIR…]` */
export const verifyCommand = buildCommand<VerifyFlags, string[], CliContext>({
  docs: {
    brief: "Check that files on a server are still what they were when they were stored",
    fullDescription: [
      "Check that files on a server are still what they were when they were stored: the server reads them",
      "again, and compares their SHA-256 with what it noted then; nothing of them is sent. It notes that",
      "with the file, where its disk can (extended attributes of Linux). A file of which nothing is noted,",
      "or that somebody else has written to since, fails as unknown, unless --allow-unknown is given.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...connectionFlags,
      recursive: {
        kind: "boolean",
        brief: "Check all files in directories; without a name, all there are",
        default: false,
        withNegated: false,
      },
      allowUnknown: {
        kind: "boolean",
        brief: "Let files pass of which it is not known what they were",
        default: false,
        withNegated: false,
      },
      json: jsonFlag,
    },
    aliases: { r: "recursive" },
    positional: {
      kind: "array",
      parameter: { parse: parseText, placeholder: "NAME", brief: "Names, or patterns" },
    },
  },
  async func(flags, ...names) {
    const { verifyFiles } = await import("../files/verify_files.ts");
    await verifyFiles(this, flags, names);
  },
});
