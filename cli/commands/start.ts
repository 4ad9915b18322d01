import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { jsonFlag, parseText } from "../flags.ts";
import { KEY_FLAGS, type StartFlags } from "../start/start_flags.ts";

/** Those that people look for first; the others follow in the table's order. */
const { ports, workers, portPolicy, host, root, instance, ...otherKeys } = KEY_FLAGS;

/** `msquicd start` */
export const startCommand = buildCommand<StartFlags, [], CliContext>({
  docs: {
    brief: "Start a manager with its workers here",
    fullDescription: [
      "Start a manager with its workers here, in the foreground: on a terminal with a shell, which exit,",
      "Ctrl-D or Ctrl-C twice ends; otherwise until SIGINT, SIGTERM or shutdown. By default three workers",
      "on 127.0.0.1, from UDP port 4433 up. Nothing is reachable from other machines unless --host says",
      "so. Flags win over the configuration file.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      config: text("FILE", "Configuration; msquicd.jsonc here by default, if there is one"),
      ...{ ports, workers, portPolicy, host, root, instance },
      shell: { kind: "boolean", brief: "Offer a shell on a terminal", default: true },
      ...otherKeys,
      detach: {
        kind: "boolean",
        brief: "Run in the background; return once every worker is ready",
        default: false,
        withNegated: false,
      },
      logFile: { ...text("FILE", "Log to a file of bounded size"), hidden: true },
      json: jsonFlag,
    },
  },
  async func(flags) {
    if (this.insideShell) throw new UsageError("This shell has a manager already; see: status");
    if (flags.detach) {
      const { runDetached } = await import("../start/detach.ts");
      return await runDetached(flags, this);
    }
    const { runManager } = await import("../start/run_manager.ts");
    await runManager(flags, this);
  },
});

function text(placeholder: string, brief: string) {
  return { kind: "parsed", parse: parseText, placeholder, brief, optional: true } as const;
}
