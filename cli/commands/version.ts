import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { jsonFlag } from "../flags.ts";
import { VERSION } from "../../version.ts";

/** `msquicd version` */
export const versionCommand = buildCommand<{ json: boolean }, [], CliContext>({
  docs: { brief: "Print the versions of msquicd and of what it runs on" },
  parameters: { flags: { json: jsonFlag } },
  func() {
    const { os, arch } = Deno.build;
    const deno = Deno.version.deno;
    this.output.line(`msquicd ${VERSION} (Deno ${deno}, ${os} ${arch})`);
    this.output.result({ version: VERSION, deno, os, arch });
  },
});
