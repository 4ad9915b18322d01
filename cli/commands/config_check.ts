import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { completePath } from "../shell/complete_path.ts";
import { jsonFlag, parseText } from "../flags.ts";

/** `msquicd config check [FILE]`, for which no manager has to run. */
export const checkConfigCommand = buildCommand<{ json: boolean }, [file?: string], CliContext>({
  docs: {
    brief: "Check a configuration file",
    fullDescription: "Check a configuration file, msquicd.jsonc here by default.",
  },
  parameters: {
    flags: { json: jsonFlag },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: parseText,
        placeholder: "FILE",
        brief: "The file",
        optional: true,
        proposeCompletions: completePath,
      }],
    },
  },
  async func(_flags, named) {
    const { CONFIG_FILE, loadConfigFile, resolveConfig } = await import("../../manager/mod.ts");
    const loaded = await loadConfigFile(named ?? CONFIG_FILE);
    // Where the default root is does not matter, nor whether there is a directory that it starts from.
    resolveConfig({ root: "/", ...loaded?.flags });
    this.output.line(`${loaded?.path} is fine`);
    this.output.result({ file: loaded?.path, ok: true });
  },
});
