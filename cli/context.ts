import type { CommandContext } from "@stricli/core";
import type { Suspension } from "./start/suspension.ts";
import type { Output } from "./text/output.ts";
import type { DrawnTerminal, Terminal } from "./text/terminal.ts";

/** A stop request that lasts as long as the command that listens for it. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/** Reads commands from the terminal and runs them, until the user leaves or `over` resolves. */
export type RunShell = (
  context: CliContext,
  over: Promise<void>,
  suspension: Suspension,
) => Promise<void>;

/** What every command is handed: where it speaks, and what it runs in. */
export interface CliContext extends CommandContext {
  readonly output: Output;
  /** How standard output looks. */
  readonly stdout: Terminal;
  /** How standard error looks, and where progress is drawn. */
  readonly stderr: DrawnTerminal;
  /** Instance that is meant where no `--instance` is given. */
  readonly instance: string;
  /** Whether the command was typed into a manager's own shell. */
  readonly insideShell: boolean;
  /** Handed to whoever offers one, as it runs every command, that one too. */
  readonly runShell: RunShell;
  /** Starts to listen for Ctrl-C and its like; until it is disposed, they do not end the process. */
  interruption(): Interruption;
}
