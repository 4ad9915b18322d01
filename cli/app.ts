import {
  type Application,
  buildApplication,
  buildRouteMap,
  text_en as englishText,
} from "@stricli/core";
import { configRoutes } from "./commands/config.ts";
import { drainCommand } from "./commands/drain.ts";
import { getCommand } from "./commands/get.ts";
import { licensesCommand } from "./commands/licenses.ts";
import { lsCommand } from "./commands/ls.ts";
import { pingCommand } from "./commands/ping.ts";
import { portsRoutes } from "./commands/ports.ts";
import { putCommand } from "./commands/put.ts";
import { restartCommand } from "./commands/restart.ts";
import { rmCommand } from "./commands/rm.ts";
import { shutdownCommand } from "./commands/shutdown.ts";
import { spawnCommand } from "./commands/spawn.ts";
import { startCommand } from "./commands/start.ts";
import { statCommand } from "./commands/stat.ts";
import { statusCommand } from "./commands/status.ts";
import { stopCommand } from "./commands/stop.ts";
import { versionCommand } from "./commands/version.ts";
import type { CliContext } from "./context.ts";
import { describeError } from "./describe_error.ts";

/** What a command line may begin with, in the order of the help. */
export const COMMANDS = {
  start: startCommand,
  status: statusCommand,
  spawn: spawnCommand,
  stop: stopCommand,
  restart: restartCommand,
  drain: drainCommand,
  ports: portsRoutes,
  config: configRoutes,
  shutdown: shutdownCommand,
  put: putCommand,
  get: getCommand,
  ls: lsCommand,
  stat: statCommand,
  rm: rmCommand,
  ping: pingCommand,
  version: versionCommand,
  licenses: licensesCommand,
} as const;

const DESCRIPTION = [
  "A QUIC server of several processes, and its client.",
  "",
  "  msquicd start                 start a manager with three workers here",
  "  msquicd put FILE              copy a file to it, from another terminal",
  "  msquicd get NAME              and back",
  "",
  "put, get, ls, stat, rm and ping use this machine's manager, or --server HOST:PORT.",
  "msquicd COMMAND --help tells more. --color=auto|always|never and NO_COLOR are respected.",
].join("\n");

/**
 * The command tree: the same one serves the command line and the shell.
 *
 * @param failed Is told what a command threw, and says which exit code that makes.
 */
export function createApp(failed: (error: unknown) => number): Application<CliContext> {
  const root = buildRouteMap<string, CliContext>({
    // Without a prototype, so that "constructor" and the like are no commands.
    routes: Object.assign(Object.create(null), COMMANDS),
    aliases: Object.create(null),
    docs: {
      brief: "A QUIC server of several processes, and its client",
      fullDescription: DESCRIPTION,
    },
  });
  return buildApplication(root, {
    name: "msquicd",
    scanner: {
      caseStyle: "allow-kebab-for-camel",
      allowArgumentEscapeSequence: true,
    },
    documentation: { disableAnsiColor: true, onlyRequiredInUsageLine: true },
    localization: { text: { ...englishText, ...TEXT } },
    determineExitCode: failed,
  });
}

/** Wording of ours: no stack traces, and a hint where to find help. */
const TEXT: Partial<typeof englishText> = {
  noCommandRegisteredForInput({ input, corrections }) {
    if (corrections.length === 0) return `There is no command "${input}"`;
    const names = corrections.map((name) => name.replaceAll("`", "")).join(" or ");
    return `There is no command "${input}", did you mean ${names}?`;
  },
  exceptionWhileParsingArguments(error, ansiColor) {
    return englishText.exceptionWhileParsingArguments.call(
      { formatException: messageOf },
      error,
      ansiColor,
    ).replaceAll("`", '"');
  },
  exceptionWhileLoadingCommandFunction: messageOf,
  exceptionWhileLoadingCommandContext: messageOf,
  exceptionWhileRunningCommand: messageOf,
  commandErrorResult: messageOf,
};

function messageOf(error: unknown): string {
  return describeError(error).message;
}
