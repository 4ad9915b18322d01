import type { ManagerConfig } from "../config/config.ts";
import { allocatePorts, takeFrom } from "./port_allocator.ts";
import { CannotReserveError, NotReservedError, PortInUseError } from "./port_errors.ts";
import type { PortKeeper } from "./port_keeper.ts";
import { MAX_REMEMBERED, type PortAssignment, type PortMemory } from "./port_memory.ts";
import { plannedPorts } from "../config/port_plan.ts";

/** Where workers get their ports. */
export interface PortSource {
  /** A port for a new worker. @throws {NoFreePortError} If there is none. */
  allocate(): Promise<number>;
  /** This port, for a new worker. @throws {PortInUseError} If somebody else has it. */
  claim(port: number): Promise<number>;
  /** Keeps a worker's port while nobody listens on it. @throws {PortInUseError} If it is too late. */
  hold(port: number): Promise<void>;
  /** Lets a worker bind its port. */
  letGo(port: number): void;
  /** Gives a worker's port back. */
  release(port: number): void;
}

/** The ports of a manager: those of its workers, and those reserved for later ones. */
export class Ports implements PortSource {
  readonly #config: Pick<ManagerConfig, "instance" | "ports" | "portPolicy">;
  readonly #keeper: PortKeeper;
  readonly #memory: PortMemory;
  /** Ports that workers have. */
  readonly #used = new Set<number>();
  #assigned: readonly PortAssignment[] = [];

  constructor(
    config: Pick<ManagerConfig, "instance" | "ports" | "portPolicy">,
    keeper: PortKeeper,
    memory: PortMemory,
  ) {
    this.#config = config;
    this.#keeper = keeper;
    this.#memory = memory;
  }

  /** What the workers of the plan have got. */
  get assigned(): readonly PortAssignment[] {
    return this.#assigned;
  }

  get reserved(): readonly number[] {
    return this.#memory.reserved;
  }

  /** Whether the manager itself holds the port at the moment. */
  holds(port: number): boolean {
    return this.#keeper.holds(port);
  }

  /**
   * Takes the ports of the plan and those reserved.
   *
   * @param patienceMs How long to wait for planned ports to come free.
   * @throws {PortInUseError | NoFreePortError} If there are not enough.
   */
  async assign(patienceMs: number, signal?: AbortSignal): Promise<readonly PortAssignment[]> {
    const { ports: plan, portPolicy: policy } = this.#config;
    const { reserved } = this.#memory;
    const recalled = this.#memory.recall(plannedPorts(plan));
    const options = { keeper: this.#keeper, policy, recalled, reserved, patienceMs, signal };
    await this.#remember(await allocatePorts(plan, options));
    for (const { got } of this.#assigned) this.#used.add(got);
    await this.keepReserved();
    return this.#assigned;
  }

  /**
   * Takes a port on which a worker of this instance is serving already; to be called before
   * {@linkcode assign}, which then gives it to the worker of the plan that had it.
   *
   * @returns False if another manager has claimed it.
   */
  adopt(port: number): boolean {
    const adopted = this.#keeper.adopt(port);
    if (adopted) this.#used.add(port);
    return adopted;
  }

  /** A reserved port, or else the next free one above the plan. */
  async allocate(): Promise<number> {
    for (const port of this.#memory.reserved) {
      if (!this.#used.has(port) && await this.#use(port)) return port;
    }
    const port = await this.#takeNext();
    this.#used.add(port);
    return port;
  }

  async claim(port: number): Promise<number> {
    if (!this.#used.has(port) && await this.#use(port)) return port;
    throw new PortInUseError(this.#keeper.host, port);
  }

  async hold(port: number): Promise<void> {
    if (!await this.#keeper.hold(port)) throw new PortInUseError(this.#keeper.host, port);
  }

  letGo(port: number): void {
    this.#keeper.letGo(port);
  }

  release(port: number): void {
    this.#used.delete(port);
    this.#keeper.release(port);
    if (this.#memory.reserved.includes(port)) void this.#keeper.tryTake(port).catch(() => false);
  }

  /** Another port for a worker of the plan that cannot have the one it has got; none reserved. */
  async replace(port: number): Promise<number> {
    using undo = new DisposableStack();
    const got = await this.#takeNext();
    undo.defer(() => this.release(got));
    this.#used.add(got);
    await this.#remember(this.#assigned.map((old) => old.got === port ? { ...old, got } : old));
    undo.move();
    return got;
  }

  /**
   * Keeps a port for a later worker, also of later managers of this instance.
   *
   * @throws {PortInUseError} If somebody else has it.
   * @throws {CannotReserveError} If a worker of ours has it, or too many are reserved.
   */
  async reserve(port: number): Promise<void> {
    const { reserved } = this.#memory;
    if (reserved.includes(port)) return;
    if (this.#used.has(port)) {
      throw new CannotReserveError(port, "port-in-use", "a worker of this manager has it");
    }
    if (reserved.length >= MAX_REMEMBERED) {
      const reason = `${reserved.length} are reserved already, and no more are possible`;
      throw new CannotReserveError(port, "too-many-reservations", reason);
    }
    if (!await this.#keeper.tryTake(port)) throw new PortInUseError(this.#keeper.host, port);
    using undo = new DisposableStack();
    undo.defer(() => this.#keeper.release(port));
    await this.#memory.reserve([...this.#memory.reserved, port]);
    undo.move();
  }

  /** Keeps a port no longer. @throws {NotReservedError} If it is not reserved. */
  async unreserve(port: number): Promise<void> {
    const { reserved } = this.#memory;
    if (!reserved.includes(port)) throw new NotReservedError(port, this.#config.instance);
    await this.#memory.reserve(reserved.filter((other) => other !== port));
    if (!this.#used.has(port)) this.#keeper.release(port);
  }

  /** Takes reserved ports that somebody else had, if they are free now. */
  async keepReserved(): Promise<void> {
    for (const port of this.#memory.reserved) {
      if (!this.#keeper.has(port)) await this.#keeper.tryTake(port);
    }
  }

  /** Gives a port to a worker, unless somebody else has it. */
  async #use(port: number): Promise<boolean> {
    this.#used.add(port);
    let got = false;
    try {
      const keeper = this.#keeper;
      return got = await (keeper.has(port) ? keeper.hold(port) : keeper.tryTake(port));
    } finally {
      if (!got) this.#used.delete(port);
    }
  }

  async #takeNext(): Promise<number> {
    const highest = Math.max(...plannedPorts(this.#config.ports));
    const first = highest === 0 ? 0 : highest + 1;
    return await takeFrom(this.#keeper, first, this.#memory.reserved);
  }

  async #remember(assigned: readonly PortAssignment[]): Promise<void> {
    await this.#memory.remember(assigned);
    this.#assigned = assigned;
  }
}
