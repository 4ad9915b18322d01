/**
 * Measures this machine, side by side with native MsQuic, Deno's QUIC and quic-go: `deno task bench`.
 *
 * @module
 */
import { makeCertificate } from "./certificate.ts";
import { runBundled } from "./command.ts";
import type { BenchContext } from "./context.ts";
import type { Line } from "./line.ts";
import { describeMachine, formatMachine } from "./machine.ts";
import { type BenchOptions, OptionError, parseOptions, usage } from "./options.ts";
import { drawNetwork } from "./network/picture.ts";
import { RESULTS_FILE, writeResults } from "./results.ts";
import { chooseRows, ROWS } from "./rows.ts";
import { formatLines } from "./table.ts";

const ExitCode = { done: 0, usage: 2, interrupted: 130 } as const;

async function main(args: string[]): Promise<number> {
  let options: BenchOptions | undefined;
  try {
    options = parseOptions(args, [...new Set(ROWS.map(({ name }) => name))]);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error(`${error.message}\n\n${usage(ROWS)}`);
    return ExitCode.usage;
  }
  if (options === undefined) {
    console.log(usage(ROWS));
    return ExitCode.done;
  }
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    if (name === "SIGTERM" && Deno.build.os === "windows") continue;
    Deno.addSignalListener(name, () => interruption.abort());
  }
  try {
    await bench(options, interruption.signal);
    return ExitCode.done;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    console.error("Interrupted");
    return ExitCode.interrupted;
  }
}

async function bench(options: BenchOptions, signal: AbortSignal): Promise<void> {
  const date = new Date();
  const machine = await describeMachine();
  console.log(formatMachine(machine));
  await using resources = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "msquicd-bench-" });
  resources.defer(() => Deno.remove(directory, { recursive: true }));
  const skipped: { what: string; reason: string }[] = [];
  const context: BenchContext = {
    ...{ options, directory, signal },
    certificate: await makeCertificate(directory),
    note: (text) => console.error(text),
    skip(what, cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      skipped.push({ what, reason });
      console.error(`  SKIPPED: ${what}: ${reason}`);
    },
  };
  try {
    await runBundled();
  } catch (error) {
    context.skip("the bundle of an executable: commands are run from the source", error);
  }
  const lines: Line[] = [];
  try {
    for (const row of chooseRows(options)) {
      context.note(row.path === undefined ? row.name : `${row.name}, ${row.path}`);
      lines.push(...await row.run(context));
      signal.throwIfAborted();
    }
  } finally {
    // Also of a run that is interrupted: it may have taken an hour so far.
    if (lines.length > 0) {
      console.log(formatLines(lines));
      for (const { what, reason } of skipped) console.log(`Skipped: ${what}: ${reason}`);
      const all = await writeResults({ date, machine, options, lines, skipped });
      await drawNetwork(all);
      console.log(`Every round is in ${RESULTS_FILE}`);
    }
  }
}

Deno.exit(await main(Deno.args));
