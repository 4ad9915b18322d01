import { appendStandardErrorTo } from "../../ffi/mod.ts";
import { getLogger } from "@logtape/logtape";
import {
  configureLogging,
  flushStandardError,
  logToFile,
  redirectLogs,
  trapUncaughtErrors,
} from "../../log/mod.ts";
import { Manager } from "../../manager/mod.ts";
import type { CliContext } from "../context.ts";
import { InterruptedError } from "../errors.ts";
import { logEvent } from "./event_log.ts";
import { listenForStop } from "../interrupt.ts";
import { hasForeground, outliveHangUp } from "./job_control.ts";
import { listenForSessionEnd } from "./session_end.ts";
import { standardErrorSink, standardOutput } from "../text/standard_streams.ts";
import { startConfig } from "./start_config.ts";
import type { StartFlags } from "./start_flags.ts";
import { printReport, reportOf } from "./start_report.ts";
import { Suspension } from "./suspension.ts";

const logger = getLogger(["msquicd", "manager"]);

/** How long what is still to be written to standard error may take at the end, in milliseconds. */
const FLUSH_MS = 500;

/**
 * Starts a manager and stays until it is over: by a signal, by `msquicd shutdown`, or by the shell.
 *
 * The first signal stops in order; a second one at once, which is then reported as an interruption. An
 * error that nothing foresaw stops it in order as well, and is thrown then.
 */
export async function runManager(flags: StartFlags, context: CliContext): Promise<void> {
  const { config, file } = await startConfig(flags);
  await using _streams = neverWait(flags.logFile);
  configureLogging({
    level: config.logLevel,
    format: config.logFormat,
    ...(flags.logFile === undefined ? {} : { watched: false }),
  });
  if (file !== undefined) logger.info("Configured by {file}", { file });
  const stopping = new AbortController();
  const hurrying = new AbortController();
  using _listening = listenForStop((count, signal) => {
    logger.info(count === 1 ? "Shutting down: {why}" : "Shutting down at once: {why}", {
      why: signal === "SIGHUP" ? "the terminal is gone (SIGHUP)" : signal,
    });
    (count === 1 ? stopping : hurrying).abort(new InterruptedError());
  });
  using suspension = new Suspension();
  using _hangUp = outliveHangUp(() =>
    logger.info("SIGHUP is ignored: a log file that was renamed is made anew without it")
  );
  await using _session = listenForSessionEnd(() => stopping.abort(new InterruptedError()));
  let fault: { error: unknown } | undefined;
  using _faults = trapUncaughtErrors((error) => {
    logger.fatal("Unforeseen error, shutting down: {error}", { error });
    fault ??= { error };
    stopping.abort(error);
  });
  const { signal } = stopping;
  await using manager = await Manager.start(config, {
    signal,
    onEvent: logEvent,
    configFile: file,
  });
  signal.addEventListener("abort", () => void manager.shutdown());
  hurrying.signal.addEventListener("abort", () => void manager.shutdown({ now: true }));
  const report = reportOf(manager.info, manager.status(), config.root, manager.state);
  printReport(report, context.output, context.stdout);
  if (offersShell(flags)) await runShellOn(manager, context, suspension);
  await manager.closed;
  if (fault !== undefined) throw fault.error;
  hurrying.signal.throwIfAborted();
}

/** A server goes on whether its terminal, pipe or disk takes what it says or not. */
function neverWait(logFile: string | undefined): AsyncDisposable {
  const streams = new AsyncDisposableStack();
  streams.defer(async () => void await flushStandardError(FLUSH_MS));
  streams.use(standardOutput.neverWait());
  // What the runtime says of a crash is to be in the file that is used then.
  if (logFile !== undefined) streams.use(logToFile(logFile, appendStandardErrorTo));
  else if (standardErrorSink() === standardOutput) {
    // One terminal or pipe for both: one way there, so that log lines and the rest keep their order.
    streams.use(redirectLogs((line) => standardOutput.write(`${line}\n`)));
  }
  return streams;
}

function offersShell(flags: StartFlags): boolean {
  const terminals = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  return flags.shell && !flags.json && terminals && hasForeground();
}

async function runShellOn(
  manager: Manager,
  context: CliContext,
  suspension: Suspension,
): Promise<void> {
  await context.runShell(
    { ...context, instance: manager.info.instance },
    manager.closed,
    suspension,
  );
  context.output.line("Shutting down");
  await manager.shutdown();
}
