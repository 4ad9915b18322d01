import { BadNetwork, type Impairments } from "../../native/network/bad_network.ts";
import type { BenchContext } from "../context.ts";

/** How late datagrams may be on the average before people are told, in milliseconds. */
const LATE_MS = 1;

/** Starts a network before servers. At its end it tells people if the machine was too busy for it. */
export async function openNetwork(
  targets: readonly number[],
  path: Impairments & { rttMs: number },
  context: BenchContext,
  resources: AsyncDisposableStack,
): Promise<BadNetwork> {
  const { rttMs, ...impairments } = path;
  const network = resources.use(
    await BadNetwork.start({
      ...{ ...impairments, delayMs: rttMs / 2, targets },
      prefix: prefixFor(await Deno.readTextFile("/proc/self/stat")),
    }),
  );
  resources.defer(async () => {
    const { up, down, missed } = await network.figures();
    const late = Math.max(up.lateMs.mean, down.lateMs.mean);
    if (late > LATE_MS) context.note(`  the network was ${late.toFixed(1)} ms late on the average`);
    if (missed > 0) context.note(`  the network missed ${missed} datagrams`);
  });
  return network;
}

/** Which of the fields behind the program's name has its real-time priority (proc_pid_stat(5)). */
const PRIORITY_FIELD = 37;

/**
 * Has the network go before those who use it, where all of them have real-time priority: otherwise it would
 * wait for them, and datagrams for it.
 *
 * @param stat What `/proc/PID/stat` says of this process.
 */
export function prefixFor(stat: string): string[] {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const priority = Number(fields[PRIORITY_FIELD]);
  return priority > 0 ? ["chrt", "-r", `${priority + 1}`] : [];
}
