import { delay } from "../../base/mod.ts";
import type { Command } from "../../handlers/commands/mod.ts";
import type { CliContext } from "../context.ts";
import { fitScreen } from "../text/screen.ts";
import { viewOf } from "../text/view.ts";

/** How often it is looked, in milliseconds. */
const EVERY_MS = 1000;

/** To the upper left corner, and nothing from there on. */
const CLEAR = "\x1b[H\x1b[J";

/**
 * Shows what a command answers again and again, until the user has seen enough: in place on a terminal, one
 * below the other elsewhere, and with `--json` as one value a line.
 *
 * @param ask Runs the command.
 * @throws What `ask` throws, and what Ctrl-C is.
 */
export async function watch<Result>(
  context: CliContext,
  instance: string,
  command: Command<Result>,
  ask: () => Promise<unknown>,
): Promise<never> {
  using interruption = context.interruption();
  const { signal } = interruption;
  const { output, stdout } = context;
  for (let first = true;; first = false) {
    const result = await ask() as Result;
    signal.throwIfAborted();
    if (output.json) output.result(command.toJson?.(result, { instance }) ?? result);
    else {
      const text = command.show(result, viewOf(stdout, instance));
      if (stdout.interactive) output.text(`${CLEAR}${fitScreen(text)}\n`);
      else output.line(first ? text : `\n${text}`);
    }
    await output.drained(signal);
    await delay(EVERY_MS, signal);
  }
}
