import { join } from "node:path";
import type { ManagerStatus } from "../../handlers/commands/mod.ts";
import { callControl, StateDirectory } from "../../manager/mod.ts";
import { isAlive, type Running, Site, type StartReport, waitFor } from "../e2e/harness.ts";
import type { Access } from "./access.ts";
import { untilServed } from "./probe.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** A worker that can be disturbed. */
export interface Victim {
  port: number;
  pid: number;
}

/** As long as this, a port may be without a worker; then it is lost. */
const SERVED_DEADLINE_MS = 30_000;

/** A restart may take a while when everything else happens at once. */
const COMMAND_MS = 90_000;

/** So many restarts are no reason to give a worker up here; a stall is noticed sooner than by default. */
const CONFIG = {
  stallDeadlineMs: 2000,
  drainDeadlineMs: 5000,
  restart: { intensity: 10_000, stableAfterMs: 1000, maxDelayMs: 2000 },
};

/** The server that is disturbed: a manager process and its workers. */
export class Arena implements AsyncDisposable {
  readonly site: Site;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly state: StateDirectory;
  /** Milliseconds from SIGKILL until the port answered again. */
  readonly restartTimes: number[] = [];
  /** The same after SIGSTOP. */
  readonly stallTimes: number[] = [];
  /** The same of all ports after a SIGKILL of the manager, from the next `start` on. */
  readonly startTimes: number[] = [];
  readonly #hurt = new Set<number>();
  /** How often something was done to the worker of each port. */
  readonly #touched = new Map<number, number>();
  readonly #managers: (Running & { report: StartReport })[] = [];

  private constructor(site: Site, random: Random, timeline: Timeline) {
    this.site = site;
    this.random = random;
    this.timeline = timeline;
    this.state = new StateDirectory(site.instance, join(site.directory, "state"));
  }

  static async open(random: Random, timeline: Timeline): Promise<Arena> {
    const site = await Site.create(3);
    await Deno.writeTextFile(site.path("chaos.jsonc"), JSON.stringify(CONFIG));
    return new Arena(site, random, timeline);
  }

  async start(): Promise<void> {
    this.#managers.push(await this.site.start("--config", this.site.path("chaos.jsonc")));
  }

  /** Kills the manager and nobody else. */
  async killManager(): Promise<number> {
    this.touch(...this.site.ports);
    const { pid } = this.#manager;
    Deno.kill(pid, "SIGKILL");
    await waitFor("the manager is gone", () => !isAlive(pid));
    return pid;
  }

  async access(): Promise<Access> {
    const token = await this.site.token();
    return { token, fingerprint: this.#manager.report.fingerprint };
  }

  async status(): Promise<ManagerStatus> {
    return await callControl(this.state, "status") as ManagerStatus;
  }

  command(method: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown> {
    return callControl(this.state, method, parameters, { timeoutMs: COMMAND_MS });
  }

  /** A worker that serves, and to which nothing has been done yet; `undefined` if there is none. */
  async victim(): Promise<Victim | undefined> {
    const { workers } = await this.status();
    const victims = workers.flatMap(({ port, pid, state }) => {
      return state === "ready" && pid !== null && !this.#hurt.has(pid) ? [{ port, pid }] : [];
    });
    const victim = this.random.pick(victims);
    if (victim === undefined) return undefined;
    this.#hurt.add(victim.pid);
    this.touch(victim.port);
    return victim;
  }

  /** Something is done to these workers: times that are being measured mean nothing any more. */
  touch(...ports: readonly number[]): void {
    for (const port of ports) this.#touched.set(port, (this.#touched.get(port) ?? 0) + 1);
  }

  /** Waits until a port is served; what is done to it meanwhile makes the time meaningless. */
  async measure(port: number, into?: number[]): Promise<void> {
    const touched = this.#touched.get(port);
    try {
      const ms = await untilServed(await this.access(), port, SERVED_DEADLINE_MS);
      const counts = into !== undefined && touched === this.#touched.get(port);
      this.timeline.saw(`${port} serves after ${ms.toFixed()} ms`);
      if (counts) into.push(ms);
    } catch (error) {
      this.timeline.failed(error instanceof Error ? error.message : String(error));
    }
  }

  /** What the managers and their workers have said on standard error. */
  get log(): string {
    return this.#managers.map(({ stderr }) => stderr).join("\n");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.site[Symbol.asyncDispose]();
  }

  get #manager(): Running & { report: StartReport } {
    const manager = this.#managers.at(-1);
    if (manager === undefined) throw new Error("There is no manager");
    return manager;
  }
}
