import type { WorkerStatus } from "../../handlers/commands/mod.ts";
import type { FamilyMember } from "../../ipc/mod.ts";
import { CpuMeter } from "./cpu_meter.ts";

/** Tells workers who ask which processes the instance has. */
export class Family {
  /** Counts from when this process began; later on, from when it was last asked. */
  readonly #cpu = new CpuMeter(0);

  /**
   * The manager, which is this process, and its workers.
   *
   * @param state What the manager is at.
   */
  async members(state: string, workers: readonly WorkerStatus[]): Promise<FamilyMember[]> {
    return [await this.#manager(state), ...workers.flatMap(workerOf)];
  }

  async #manager(state: string): Promise<FamilyMember> {
    // Only when somebody asks: a manager starts without.
    const { cpuUsage } = await import("node:process");
    const { user, system } = cpuUsage();
    const now = performance.now();
    this.#cpu.sample(now, user + system);
    return {
      pid: Deno.pid,
      role: "manager",
      state,
      cpuPercent: this.#cpu.percent,
      rssBytes: Deno.memoryUsage().rss,
      uptimeMs: Math.round(now),
    };
  }
}

function workerOf(
  { port, pid, state, cpuPercent, rssBytes, uptimeMs }: WorkerStatus,
): FamilyMember[] {
  // Without a process there is nothing to tell.
  if (pid === null) return [];
  return [{ pid, role: "worker", port, state, cpuPercent, rssBytes, uptimeMs }];
}
