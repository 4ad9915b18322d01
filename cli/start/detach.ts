import { loadChecker, status } from "../../handlers/commands/mod.ts";
import { callCommand } from "../../manager/control/mod.ts";
import { startDetached, StateDirectory } from "../../manager/mod.ts";
import type { CliContext } from "../context.ts";
import { typedName } from "../flags.ts";
import { startConfig } from "./start_config.ts";
import { keyFlagsOf, type StartFlags } from "./start_flags.ts";
import { printReport, reportOf } from "./start_report.ts";

/**
 * Starts a manager in the background, and returns once all its workers are ready.
 *
 * @throws {DetachedStartError} It did not come up.
 */
export async function runDetached(flags: StartFlags, context: CliContext): Promise<void> {
  const { config: { instance, root }, file } = await startConfig(flags);
  const state = new StateDirectory(instance);
  using interruption = context.interruption();
  const { signal } = interruption;
  const starting = startDetached({
    state,
    args: [...startArguments(flags, file), `--log-file=${state.logFile}`],
    signal,
  });
  // While the workers start, there is time for it.
  const [info] = await Promise.all([starting, loadChecker()]);
  const running = await callCommand(state, status, {}, { signal });
  printReport(reportOf(info, running, root, state), context.output, context.stdout);
  context.output.line(`log          ${state.logFile}`);
}

/**
 * The arguments of a `start` in the background.
 *
 * @param file The configuration file that is in use.
 */
export function startArguments(flags: StartFlags, file?: string): string[] {
  const given = Object.entries({ config: file, ...keyFlagsOf(flags) }).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${typedName(flag)}=${value}`]
  );
  return ["start", "--no-shell", ...given];
}
