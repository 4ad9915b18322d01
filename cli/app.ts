import {
  type Application,
  buildApplication,
  buildRouteMap,
  text_en as englishText,
} from "@stricli/core";
import { actionCommand } from "./commands/action.ts";
import { callCommand } from "./commands/call.ts";
import { duCommand } from "./commands/du.ts";
import { eventsCommand } from "./commands/events.ts";
import { getCommand } from "./commands/get.ts";
import { licensesCommand } from "./commands/licenses.ts";
import { lsCommand } from "./commands/ls.ts";
import { managementRoutes } from "./commands/management.ts";
import { mkdirCommand } from "./commands/mkdir.ts";
import { mvCommand } from "./commands/mv.ts";
import { pingCommand } from "./commands/ping.ts";
import { putCommand } from "./commands/put.ts";
import { rmCommand } from "./commands/rm.ts";
import { startCommand } from "./commands/start.ts";
import { statCommand } from "./commands/stat.ts";
import { systemCommand } from "./commands/system.ts";
import { sumCommand } from "./commands/sum.ts";
import { syncCommand } from "./commands/sync.ts";
import { verifyCommand } from "./commands/verify.ts";
import { versionCommand } from "./commands/version.ts";
import { commandLine } from "../base/mod.ts";
import type { CliContext } from "./context.ts";
import type { Routes } from "./definition/routes.ts";
import { describeError } from "./text/describe_error.ts";

/** What a command line may begin with, in the order of the help. */
export const COMMANDS: Routes = {
  start: startCommand,
  ...managementRoutes,
  put: putCommand,
  get: getCommand,
  sync: syncCommand,
  ls: lsCommand,
  stat: statCommand,
  rm: rmCommand,
  mv: mvCommand,
  mkdir: mkdirCommand,
  du: duCommand,
  sum: sumCommand,
  verify: verifyCommand,
  ping: pingCommand,
  system: systemCommand,
  action: actionCommand,
  events: eventsCommand,
  call: callCommand,
  version: versionCommand,
  licenses: licensesCommand,
};

const DESCRIPTION = [
  "A QUIC server of several processes, and its client.",
  "",
  `  ${commandLine("start")}      start a manager with three workers here`,
  `  ${commandLine("put FILE")}   copy a file to it, from another terminal`,
  `  ${commandLine("get NAME")}   and back`,
  "",
  "put, get, sync, ls, stat, rm, mv, mkdir, du, sum, verify, ping, system, action, events and call",
  "use this machine's manager, or --server HOST:PORT.",
  "COMMAND --help tells more. --color=auto|always|never and NO_COLOR are respected.",
].join("\n");

/** A word in the place of a command that is none. */
export interface UnknownCommand {
  input: string;
  /** Those that are written much like it. */
  corrections: readonly string[];
}

/** What is made of a command line that does not become a command which succeeds. */
export interface Failures {
  /** Is told what a command threw, and says which exit code that makes. */
  thrown(error: unknown): number;
  /** Says what is wrong with the words: what the parser threw, or that there is no such command. */
  refused(problem: unknown): string;
}

/**
 * The command tree: the same one serves the command line and the shell.
 *
 * @param failures By default for those that only look at it.
 */
export function createApp(
  routes: Routes,
  failures: Failures = QUIET,
): Application<CliContext> {
  const root = buildRouteMap<string, CliContext>({
    // Without a prototype, so that "constructor" and the like are no commands.
    routes: Object.assign(Object.create(null), routes),
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
      // Two typing errors; more would propose what nobody meant.
      distanceOptions: {
        threshold: 2,
        weights: { insertion: 1, deletion: 1, substitution: 1, transposition: 1 },
      },
    },
    documentation: { disableAnsiColor: true, onlyRequiredInUsageLine: true },
    localization: { text: { ...englishText, ...textOf(failures) } },
    determineExitCode: failures.thrown,
  });
}

const QUIET: Failures = { thrown: () => 1, refused: () => "" };

/** Wording of ours: the parser's own speaks of itself, and repeats what may be secret. */
function textOf({ refused }: Failures): Partial<typeof englishText> {
  return {
    noCommandRegisteredForInput: ({ input, corrections }) =>
      refused(
        {
          input,
          corrections: corrections.map((name) => name.replaceAll("`", "")),
        } satisfies UnknownCommand,
      ),
    exceptionWhileParsingArguments: refused,
    exceptionWhileLoadingCommandFunction: messageOf,
    exceptionWhileLoadingCommandContext: messageOf,
    exceptionWhileRunningCommand: messageOf,
    commandErrorResult: messageOf,
  };
}

function messageOf(error: unknown): string {
  return describeError(error).message;
}
