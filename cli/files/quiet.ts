import type { CliContext } from "../context.ts";

/** A context in which nothing is said of what succeeds, and no progress is drawn, if that is wanted. */
export function quietIf(quiet: boolean, context: CliContext): CliContext {
  if (!quiet) return context;
  const { output, stderr } = context;
  return { ...context, output: output.quietly(), stderr: { ...stderr, interactive: false } };
}
