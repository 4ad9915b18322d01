import { delay } from "./delay.ts";
import type { PortClaims } from "./port_claims.ts";
import { isPortFree } from "./port_probe.ts";
import { plannedPorts, type PortPlan } from "./ports.ts";
import { findUdpOwner } from "./udp_owner.ts";

/** A port that was to be used is in use already. */
export class PortInUseError extends Error {
  override readonly name = "PortInUseError";
  readonly code = "port-in-use";
  readonly port: number;

  constructor(host: string, port: number) {
    const owner = findUdpOwner(port);
    const who = owner ? `process ${owner.pid} (${owner.command})` : "another process";
    super(
      `Cannot bind UDP port ${port} on ${host}: in use by ${who}; choose another with --ports`,
    );
    this.port = port;
  }
}

/** There are not as many free ports as there are to be workers. */
export class NoFreePortError extends Error {
  override readonly name = "NoFreePortError";
  readonly code = "no-free-port";

  constructor(host: string, from: number) {
    super(`Cannot find a free UDP port on ${host} from ${from} up; name some with --ports`);
  }
}

/** A port for one worker, and the one that was planned for it. */
export interface PortAssignment {
  wanted: number;
  got: number;
}

/** How to look for ports. */
export interface AllocateOptions {
  /** Takes the claims on what is assigned; after an error, none is left in it. */
  claims: PortClaims;
  /**
   * How long to wait for planned ports to come free, in milliseconds: after a crash, workers without
   * a manager take a moment to leave.
   */
  patienceMs?: number;
  /** Ports of the plan that are to be had; by default all. */
  wanted?: readonly number[];
  signal?: AbortSignal | undefined;
}

const POLL_MS = 50;

/** How many ports past the planned ones are tried. */
const MAX_TRIES = 1000;

/**
 * Finds a free UDP port for every worker of the plan and claims it.
 *
 * @throws {PortInUseError} If an explicitly named port is taken.
 * @throws {NoFreePortError} If there are not enough.
 */
export async function allocatePorts(
  host: string,
  plan: PortPlan,
  options: AllocateOptions,
): Promise<PortAssignment[]> {
  try {
    return await allocate(host, plan, options);
  } catch (error) {
    options.claims[Symbol.dispose]();
    throw error;
  }
}

async function allocate(
  host: string,
  plan: PortPlan,
  { claims, patienceMs = 0, wanted = plannedPorts(plan), signal }: AllocateOptions,
): Promise<PortAssignment[]> {
  const patienceEnds = performance.now() + patienceMs;
  const assigned: PortAssignment[] = [];
  let next = Math.max(...plannedPorts(plan)) + 1;
  for (const port of wanted) {
    if (await claimWithin(host, port, claims, patienceEnds, signal)) {
      assigned.push({ wanted: port, got: port });
      continue;
    }
    if (plan.kind === "explicit") throw new PortInUseError(host, port);
    const got = await claimFrom(host, next, claims, signal);
    next = got + 1;
    assigned.push({ wanted: port, got });
  }
  return assigned;
}

async function claimWithin(
  host: string,
  port: number,
  claims: PortClaims,
  endsAt: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (;;) {
    signal?.throwIfAborted();
    if (await claim(host, port, claims)) return true;
    if (performance.now() >= endsAt) return false;
    await delay(POLL_MS, signal);
  }
}

async function claimFrom(
  host: string,
  first: number,
  claims: PortClaims,
  signal: AbortSignal | undefined,
): Promise<number> {
  const last = Math.min(first + MAX_TRIES, 65536);
  for (let port = first; port < last; port++) {
    signal?.throwIfAborted();
    if (await claim(host, port, claims)) return port;
  }
  throw new NoFreePortError(host, first);
}

/** The claim comes first: from then on no other manager can get in between. */
async function claim(host: string, port: number, claims: PortClaims): Promise<boolean> {
  if (claims.has(port) || !claims.tryClaim(port)) return false;
  if (await isPortFree(host, port)) return true;
  claims.release(port);
  return false;
}
