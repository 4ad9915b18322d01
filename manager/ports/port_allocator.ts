import { createSocket } from "node:dgram";
import { delay, isPort } from "../../base/mod.ts";
import { NoFreePortError, PortInUseError } from "./port_errors.ts";
import type { PortKeeper } from "./port_keeper.ts";
import type { PortAssignment } from "./port_memory.ts";
import {
  defaultPortPolicy,
  plannedPorts,
  type PortPlan,
  type PortPolicy,
} from "../config/port_plan.ts";

/** How to look for ports. */
export interface AllocateOptions {
  /** Takes what is assigned; after an error, it has let go of it again. */
  keeper: PortKeeper;
  /** What to do about a planned port that is taken; by default it depends on the plan. */
  policy?: PortPolicy | undefined;
  /** What was got the last time, in the order of the plan. */
  recalled?: readonly (number | undefined)[];
  /** Ports that are only used where they are named. */
  reserved?: readonly number[];
  /**
   * How long to wait for planned ports to come free, in milliseconds: after a crash, workers without
   * a manager take a moment to leave.
   */
  patienceMs?: number;
  signal?: AbortSignal | undefined;
}

const POLL_MS = 50;

/** How many ports are tried where any will do. */
const MAX_TRIES = 1000;

/**
 * Takes a free UDP port for every worker of the plan: where the plan leaves it open, the same one as
 * the last time, if it is still free.
 *
 * @returns In the order of the plan.
 * @throws {PortInUseError} If a port is taken, and the policy is to refuse that.
 * @throws {NoFreePortError} If there are not enough.
 */
export async function allocatePorts(
  plan: PortPlan,
  options: AllocateOptions,
): Promise<PortAssignment[]> {
  const allocation = new Allocation(plan, options);
  try {
    return await allocation.run();
  } catch (error) {
    allocation.undo();
    throw error;
  }
}

/**
 * Takes the next free port.
 *
 * @param first Where to begin; 0 for just any.
 * @param avoid Ports that are not to be used.
 * @throws {NoFreePortError} If there is none.
 */
export async function takeFrom(
  keeper: PortKeeper,
  first: number,
  avoid: readonly number[] = [],
  signal?: AbortSignal,
): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    signal?.throwIfAborted();
    const port = first === 0 ? await anyPort() : first + tries;
    if (!isPort(port)) break;
    if (!avoid.includes(port) && await keeper.tryTake(port)) return port;
  }
  throw new NoFreePortError(keeper.host, first);
}

class Allocation {
  readonly #plan: PortPlan;
  readonly #options: AllocateOptions;
  readonly #policy: PortPolicy;
  readonly #patienceEnds: number;
  readonly #taken: number[] = [];
  #next: number;

  constructor(plan: PortPlan, options: AllocateOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#policy = options.policy ?? defaultPortPolicy(plan);
    this.#patienceEnds = performance.now() + (options.patienceMs ?? 0);
    this.#next = Math.max(...plannedPorts(plan)) + 1;
  }

  async run(): Promise<PortAssignment[]> {
    const wanted = plannedPorts(this.#plan);
    const got = new Map<number, number>();
    // What is named comes first, so that nothing else takes it.
    const order = [...wanted.keys()].sort((a, b) => Number(!wanted[a]) - Number(!wanted[b]));
    for (const index of order) got.set(index, await this.#find(index, wanted));
    return wanted.map((port, index) => ({ wanted: port, got: got.get(index) ?? port }));
  }

  undo(): void {
    for (const port of this.#taken) this.#options.keeper.release(port);
  }

  async #find(index: number, planned: readonly number[]): Promise<number> {
    const { keeper, recalled = [], reserved = [], signal } = this.#options;
    const wanted = planned[index] ?? 0;
    const before = recalled[index];
    const movable = wanted === 0 || this.#policy === "skip";
    const kept = movable && before !== undefined && !planned.includes(before) ? [before] : [];
    const named = wanted === 0 ? [] : [wanted];
    const automatic = this.#plan.kind === "from-base" && this.#policy === "skip";
    for (const port of [...kept, ...named]) {
      const spared = reserved.includes(port) && (automatic || port !== wanted);
      if (!spared && await this.#takeWithin(port)) return this.#note(port);
    }
    if (!movable) throw new PortInUseError(keeper.host, wanted);
    const avoid = [...reserved, ...planned];
    const port = await takeFrom(keeper, wanted === 0 ? 0 : this.#next, avoid, signal);
    if (wanted !== 0) this.#next = port + 1;
    return this.#note(port);
  }

  #note(port: number): number {
    this.#taken.push(port);
    return port;
  }

  async #takeWithin(port: number): Promise<boolean> {
    const { keeper, signal } = this.#options;
    // Taken before, for a worker that was there before this manager.
    if (keeper.isAdopted(port) && !this.#taken.includes(port)) return true;
    for (;;) {
      signal?.throwIfAborted();
      if (await keeper.tryTake(port)) return true;
      if (performance.now() >= this.#patienceEnds) return false;
      await delay(POLL_MS, signal);
    }
  }
}

/** A port that was free a moment ago, chosen by the system. */
async function anyPort(): Promise<number> {
  const socket = createSocket("udp4");
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  socket.once("error", reject);
  socket.bind({ port: 0, exclusive: true }, () => resolve(socket.address().port));
  try {
    return await promise;
  } finally {
    await new Promise<void>((closed) => socket.close(closed));
  }
}
