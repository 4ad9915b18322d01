import { plannedPorts, type PortPlan } from "./ports.ts";

/** What becomes of ports that are served already. */
export interface DividedPorts {
  /** Those that go on. */
  kept: number[];
  /** Those that are more than planned. */
  surplus: number[];
  /** Those that are still to be found, as planned. */
  wanted: number[];
}

/** Fits what is served already into a plan: of ports that are not named, those in its range first. */
export function dividePorts(plan: PortPlan, served: readonly number[]): DividedPorts {
  const planned = plannedPorts(plan);
  const inside = planned.filter((port) => served.includes(port));
  const outside = served.filter((port) => !planned.includes(port)).toSorted((a, b) => a - b);
  const spare = plan.kind === "explicit" ? 0 : planned.length - inside.length;
  const kept = [...inside, ...outside.slice(0, spare)];
  const wanted = planned.filter((port) => !inside.includes(port));
  return {
    kept,
    surplus: outside.slice(spare),
    wanted: wanted.slice(0, planned.length - kept.length),
  };
}
