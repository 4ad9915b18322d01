import type { PortState, PortStatus, WorkerStatus } from "../../handlers/commands/mod.ts";
import { isPortFree } from "../ports/port_probe.ts";
import type { Ports } from "../ports/port_source.ts";
import { findUdpOwner } from "../ports/udp_owner.ts";

/**
 * The ports of a manager, and who has them: those of its workers, those reserved, and those that were
 * planned but could not be had.
 *
 * @param only One port to report on, whatever it is; all of the above by default.
 */
export async function portReport(
  host: string,
  ports: Ports,
  workers: readonly WorkerStatus[],
  only?: number,
): Promise<PortStatus[]> {
  const { assigned, reserved } = ports;
  const missed = assigned.map(({ wanted }) => wanted).filter((wanted) => wanted !== 0);
  const all = new Set([...workers.map(({ port }) => port), ...reserved, ...missed]);
  const shown = only === undefined ? [...all].sort((a, b) => a - b) : [only];
  return await Promise.all(shown.map(async (port) => {
    const worker = workers.find((worker) => worker.port === port);
    const ours = typeof worker?.pid === "number" || ports.holds(port);
    const taken = !ours && !await isPortFree(host, port);
    const owner = taken ? findUdpOwner(port) : undefined;
    return {
      port,
      state: taken ? "foreign" : stateOf(worker, reserved.includes(port)),
      wanted: assigned.find(({ got }) => got === port)?.wanted ?? null,
      reserved: reserved.includes(port),
      worker: worker ? { pid: worker.pid, state: worker.state } : null,
      owner: owner ? { pid: owner.pid, command: owner.command } : null,
    };
  }));
}

function stateOf(worker: WorkerStatus | undefined, reserved: boolean): PortState {
  if (worker) return worker.pid === null ? "held" : "used";
  return reserved ? "reserved" : "free";
}
