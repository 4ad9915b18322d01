import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { completePath } from "../shell/complete_path.ts";
import { instanceFlag, jsonFlag, parseText } from "../flags.ts";

/** `msquicd config show` */
const showCommand = buildCommand<{ instance?: string; json: boolean }, [], CliContext>({
  docs: { brief: "Show what this machine's manager runs with, defaults included" },
  parameters: { flags: { instance: instanceFlag, json: jsonFlag } },
  async func(flags) {
    const { callControl, StateDirectory } = await import("../../manager/mod.ts");
    const config = await callControl(
      new StateDirectory(flags.instance ?? this.instance),
      "config",
    );
    this.output.line(JSON.stringify(config, null, 2));
    this.output.result(config);
  },
});

/** `msquicd config check [FILE]` */
const checkCommand = buildCommand<{ json: boolean }, [file?: string], CliContext>({
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

/** `msquicd config show|check` */
export const configRoutes = buildRouteMap({
  routes: { show: showCommand, check: checkCommand },
  docs: { brief: "Show or check the configuration" },
});
