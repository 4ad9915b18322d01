import type { ManagerConfig } from "../config/config.ts";
import type { ManagerEvent } from "./events.ts";
import { PortInUseError } from "../ports/port_errors.ts";
import type { Ports } from "../ports/port_source.ts";
import { defaultPortPolicy } from "../config/port_plan.ts";
import type { Supervisor } from "./supervisor.ts";
import { WorkerStartError } from "./worker_failure.ts";

/** How often other ports are tried in place of those that were taken at the last moment. */
const MAX_MOVES = 3;

/** How to start workers. */
export interface StartWorkersOptions {
  config: ManagerConfig;
  emit: (event: ManagerEvent) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Starts the workers of the plan. Where somebody gets a port in the moment between the manager, which
 * held it, and the worker, it depends on the policy whether the worker moves.
 *
 * @param chosen Their ports: those of the plan, and those of workers that were there before.
 * @throws {PortInUseError} If it does not.
 * @throws {WorkerStartError} If a worker does not become ready for another reason.
 */
export async function startWorkers(
  supervisor: Supervisor,
  ports: Ports,
  chosen: readonly number[],
  { config, emit, signal }: StartWorkersOptions,
): Promise<void> {
  const policy = config.portPolicy ?? defaultPortPolicy(config.ports);
  let current = chosen;
  for (let moves = 0;; moves++) {
    try {
      return await supervisor.start(current, signal);
    } catch (error) {
      const taken = takenPorts(error);
      if (taken.length === 0 || moves === MAX_MOVES) throw error;
      const moved = new Map<number, number>();
      for (const port of taken) {
        const wanted = ports.assigned.find(({ got }) => got === port)?.wanted;
        if (policy === "refuse" && wanted !== 0) {
          // Free again, so nobody can be named.
          if (ports.holds(port)) throw error;
          throw new PortInUseError(config.host, port);
        }
        await supervisor.discard(port);
        const got = await ports.replace(port);
        moved.set(port, got);
        emit({ type: "port-moved", wanted: port, got });
      }
      current = current.map((port) => moved.get(port) ?? port);
    }
  }
}

/** The ports that workers could not have, if that is why they did not start. */
function takenPorts(error: unknown): number[] {
  if (!(error instanceof WorkerStartError)) return [];
  const failures = [...error.failures];
  if (failures.some(([, { code }]) => code !== "port-in-use")) return [];
  return failures.map(([port]) => port);
}
