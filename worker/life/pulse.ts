import { cpuUsage } from "node:process";
import type { ProcessIdentity } from "../../base/mod.ts";
import { isRunning } from "../../ffi/mod.ts";
import type { WorkerEnd } from "../../ipc/mod.ts";

/** How often a worker beats and looks after its manager, in milliseconds. */
export const BEAT_MS = 250;

/** Beats from one measurement of memory and processor time to the next. */
const BEATS_PER_MEASUREMENT = 4;

/** How long a manager may be silent before it is asked whether it still lives, in milliseconds. */
const SILENCE_MS = 1000;

/** What a pulse needs of the shared memory. */
export type PulseEnd = Pick<
  WorkerEnd,
  "beat" | "pollBeat" | "showTurnTimes" | "managerHeartbeatAgeMs" | "manager" | "counters"
>;

/** What a pulse asks and tells its worker. */
export interface PulseOptions {
  /** How many turns the network's event loop has made. */
  turns: () => number;
  /** How long those turns took; nothing before there is a loop. */
  turnTimes: () => ArrayLike<number> | undefined;
  /** Makes that loop turn once, however little it has to do. */
  nudge: () => void;
  /** Is called with every beat. */
  onBeat?: () => void;
  /** Is called, again and again, once the manager is gone. */
  onManagerLost: () => void;
  /** Whether that very process runs. */
  isAlive?: (process: ProcessIdentity) => boolean;
}

/** Shows the manager that its worker lives and how it is, and looks whether the manager itself does. */
export function startPulse(end: PulseEnd, options: PulseOptions): Disposable {
  const { turns, turnTimes, nudge, onManagerLost, isAlive = isRunning } = options;
  let beats = 0;
  let lastTurns = -1;
  function beat(): void {
    options.onBeat?.();
    end.beat();
    const made = turns();
    end.pollBeat(made);
    // It may be asleep for want of work: awake it turns, and if it does not, it is stuck.
    if (made === lastTurns) nudge();
    lastTurns = made;
    const times = turnTimes();
    if (times !== undefined) end.showTurnTimes(times);
    if (beats++ % BEATS_PER_MEASUREMENT === 0) measure(end);
    if (end.managerHeartbeatAgeMs <= SILENCE_MS) return;
    // Its id may have gone to another process by now.
    if (!isAlive(end.manager)) onManagerLost();
  }
  beat();
  const timer = setInterval(beat, BEAT_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      measure(end);
    },
  };
}

function measure({ counters }: PulseEnd): void {
  const { user, system } = cpuUsage();
  counters.set("cpuMicros", user + system);
  counters.set("rssBytes", Deno.memoryUsage().rss);
}
