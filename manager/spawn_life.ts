import { ManagerEnd, segmentName, type WorkerConfig } from "../ipc/mod.ts";
import type { LifeDeadlines } from "./life_watch.ts";
import type { SegmentLedger } from "./segment_ledger.ts";
import type { SelfCommand } from "./self_command.ts";
import { WorkerLife } from "./worker_life.ts";
import { WorkerProcess } from "./worker_process.ts";

/** What it takes to start a worker. */
export interface SpawnLifeOptions {
  command: SelfCommand;
  config: WorkerConfig;
  /** Counts the lives of one worker. */
  generation: number;
  segments: SegmentLedger;
  deadlines: LifeDeadlines;
}

/**
 * Starts a process for a worker, and with it a life of it.
 *
 * @throws {Error} If there is no shared memory to be had, or the process cannot be started.
 */
export async function spawnLife(options: SpawnLifeOptions): Promise<WorkerLife> {
  const { command, config, generation, segments, deadlines } = options;
  const { instance, port } = config;
  const name = segmentName(instance, port);
  // Noted before it is there: whoever is killed in between leaves nothing that nobody knows of.
  await segments.add(name);
  let segment: ManagerEnd | undefined;
  try {
    segment = ManagerEnd.create({ instance, port, generation, name });
    const process = new WorkerProcess(command, segment.name);
    return new WorkerLife({ process, segment, config, segments, deadlines });
  } catch (error) {
    segment?.[Symbol.dispose]();
    segments.remove(name);
    throw error;
  }
}
