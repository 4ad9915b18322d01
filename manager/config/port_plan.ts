import { CodedError, isPort, MAX_PORT } from "../../base/mod.ts";

/** Which UDP ports the workers get. */
export type PortPlan =
  /** These; 0 stands for any that is free. */
  | { readonly kind: "explicit"; readonly ports: readonly number[] }
  /** `count` ports from `base` up. */
  | { readonly kind: "from-base"; readonly base: number; readonly count: number };

/** What to do about a planned port that is taken: use another one, or do not start. */
export type PortPolicy = "skip" | "refuse";

/** More workers than this on one machine is a typing error. */
export const MAX_WORKERS = 256;

/** A list of ports that cannot be understood. */
export class InvalidPortsError extends CodedError {
  readonly code = "invalid-ports";

  /**
   * @param text What was given.
   * @param reason What is wrong with it.
   */
  constructor(text: string, reason: string) {
    super(`Cannot use ports "${text}": ${reason}; write them like 4433-4435,4500, or 0 for any`);
  }
}

/** The ports of a plan in its order, if all of them are free; 0 stands for any. */
export function plannedPorts(plan: PortPlan): readonly number[] {
  if (plan.kind === "explicit") return plan.ports;
  return Array.from({ length: plan.count }, (_, index) => plan.base + index);
}

/** Ports that are named are meant; a number of workers is content with other ones. */
export function defaultPortPolicy(plan: PortPlan): PortPolicy {
  return plan.kind === "explicit" ? "refuse" : "skip";
}

/**
 * Reads a list of ports and ranges, `4433-4435,4500` for example. 0 stands for any free port, and may
 * be there several times.
 *
 * @returns The ports in the order given.
 * @throws {InvalidPortsError} If it is malformed, names a port twice, or more than 256 of them.
 */
export function parsePorts(text: string): number[] {
  const ports: number[] = [];
  for (const part of text.split(",")) {
    const [first, last] = parseRange(text, part.trim());
    if (last - first >= MAX_WORKERS) {
      throw new InvalidPortsError(text, `more than ${MAX_WORKERS} ports`);
    }
    for (let port = first; port <= last; port++) {
      if (port !== 0 && ports.includes(port)) {
        throw new InvalidPortsError(text, `port ${port} is named twice`);
      }
      ports.push(port);
    }
  }
  if (ports.length <= MAX_WORKERS) return ports;
  throw new InvalidPortsError(text, `more than ${MAX_WORKERS} ports`);
}

function parseRange(text: string, part: string): [first: number, last: number] {
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(part);
  if (!match) throw new InvalidPortsError(text, `"${part}" is neither a port nor a range`);
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  if (match[2] === undefined && first === 0) return [0, 0];
  for (const port of [first, last]) {
    if (!isPort(port)) {
      throw new InvalidPortsError(text, `${port} is not between 1 and ${MAX_PORT}`);
    }
  }
  if (first <= last) return [first, last];
  throw new InvalidPortsError(text, `the range ${first}-${last} runs backwards`);
}
