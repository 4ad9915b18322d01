import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { instanceFlag, jsonFlag, parseText, wholeNumber } from "../flags.ts";

/** Flags of `msquicd start`. */
export interface StartFlags {
  config?: string;
  ports?: string;
  workers?: number;
  portPolicy?: "skip" | "refuse";
  host?: string;
  root?: string;
  instance?: string;
  shell: boolean;
  logLevel?: string;
  logFormat?: string;
  onManagerLoss?: "drain" | "keep";
  detach: boolean;
  /** Where to log to in place of standard error; how a manager in the background is started. */
  logFile?: string;
  json: boolean;
}

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
      ports: text("PORTS", "UDP port of each worker, as in 4433-4435,4500; 0 for any"),
      workers: {
        kind: "parsed",
        parse: wholeNumber(1, 256),
        placeholder: "N",
        brief: "How many workers, on the free ports from 4433 up; 3 by default",
        optional: true,
      },
      portPolicy: {
        kind: "enum",
        values: ["skip", "refuse"],
        brief: "Where a port is taken: use the next free one, or do not start",
        optional: true,
      },
      host: text("IP", "Address to listen on; 127.0.0.1 by default"),
      root: text("DIR", "Where the files are kept; ./storage by default"),
      instance: { ...instanceFlag, brief: "Name of this manager, to run several" },
      shell: { kind: "boolean", brief: "Offer a shell on a terminal", default: true },
      logLevel: text("LEVEL", "trace, debug, info, warning, error or fatal; info by default"),
      logFormat: text("FORMAT", "pretty or json; pretty by default"),
      onManagerLoss: {
        kind: "enum",
        values: ["drain", "keep"],
        brief: "What workers do when this manager is killed: leave, or go on until the next start",
        optional: true,
      },
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
