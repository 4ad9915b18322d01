import type { WorkerQuestion, WorkerStatus, WorkerTarget } from "../../handlers/commands/mod.ts";
import type { WorkerEvent } from "./events.ts";
import type { PortSource } from "../ports/port_source.ts";
import { MAX_WORKERS } from "../config/port_plan.ts";
import type { UsedFiles } from "../state/used_pairs.ts";
import { PresentedCertificate } from "./presented_certificate.ts";
import { SiblingNews } from "./sibling_news.ts";
import { TicketKeys } from "./ticket_keys.ts";
import {
  NoSuchWorkerError,
  RestartError,
  ShuttingDownError,
  TooManyWorkersError,
  WorkerExistsError,
} from "./supervision_errors.ts";
import { type FailedRestart, type WorkerFailure, WorkerStartError } from "./worker_failure.ts";
import type { StopOptions } from "./worker_life.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** What a supervisor works with. */
export interface SupervisorOptions {
  /** Name of the instance, for advice. */
  instance: string;
  /** Where workers that are started later get their ports. */
  ports: PortSource;
  /** What workers are to present. */
  certificate: () => UsedFiles;
  /** Makes a place for a worker, which tells what happens to it. */
  newSlot: (port: number, emit: (event: WorkerEvent) => void) => WorkerSlot;
  /** Told what happens to the workers. */
  onEvent: (event: WorkerEvent) => void;
}

/** How to restart. */
export interface RestartOptions extends StopOptions {
  /** One after the other, up to the first that does not become ready. */
  rolling: boolean;
}

/** The workers of a manager: starts them, keeps them alive, replaces and stops them. */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #slots = new Map<number, WorkerSlot>();
  readonly #news = new SiblingNews(() => [...this.#slots.values()]);
  readonly #ticketKeys = new TicketKeys(() => [...this.#slots.values()]);
  readonly #certificate: PresentedCertificate;
  #changed: () => void = () => {};
  #closing = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const slots = () => [...this.#slots.values()];
    const told = () => this.#changed();
    this.#certificate = new PresentedCertificate(slots, options.certificate, told);
  }

  /** Is called whenever it may have changed which workers serve. */
  set onChange(changed: () => void) {
    this.#changed = changed;
  }

  /** Version of the workers' MsQuic library, once one has told. */
  get msquic(): string | undefined {
    for (const { msquic } of this.#slots.values()) if (msquic !== undefined) return msquic;
    return undefined;
  }

  /**
   * Ports that clients are to use: those of ready workers, or, if there is none, of those that will be
   * ready soon.
   */
  get serving(): number[] {
    const slots = [...this.#slots.values()];
    const ready = slots.filter(({ state }) => state === "ready");
    const hopeful = slots.filter(({ state }) => state === "starting" || state === "backoff");
    return (ready.length > 0 ? ready : hopeful).map(({ port }) => port);
  }

  /** Fingerprints of the certificates that workers present, each once. */
  get fingerprints(): string[] {
    const seen = [...this.#slots.values()].flatMap(({ fingerprint }) => fingerprint ?? []);
    return [...new Set(seen)];
  }

  /** Whether it stops all workers, and starts no more. */
  get closing(): boolean {
    return this.#closing;
  }

  /** How many workers there are that are not stopped. */
  get running(): number {
    return [...this.#slots.values()].filter(({ state }) => state !== "stopped").length;
  }

  /**
   * Starts workers side by side. If one does not become ready, or `signal` is aborted, all are stopped
   * again, but for those that were there before this manager, which go on as they were.
   *
   * @param ports Theirs for the taking.
   * @throws {WorkerStartError} If one does not become ready; or what `signal` was aborted with.
   */
  async start(ports: readonly number[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const failures = new Map<number, WorkerFailure>();
    const { promise: givenUp, resolve } = Promise.withResolvers<void>();
    const giveUp = () => resolve();
    signal?.addEventListener("abort", giveUp, { once: true });
    const starts = ports.map(async (port) => {
      const failure = await this.#add(port).start();
      if (!failure) return;
      failures.set(port, failure);
      giveUp();
    });
    await Promise.race([Promise.all(starts), givenUp]);
    signal?.removeEventListener("abort", giveUp);
    if (failures.size === 0 && !signal?.aborted) return;
    await Promise.all(Array.from(this.#slots.values(), (slot) => slot.letGo()));
    await Promise.all(starts);
    signal?.throwIfAborted();
    throw new WorkerStartError(failures);
  }

  /**
   * Adds a worker, on a free port if none is named.
   *
   * @throws {WorkerExistsError | PortInUseError | NoFreePortError} If it cannot have the port.
   * @throws {WorkerStartError} If it does not become ready; it is gone again then.
   */
  async spawn(port?: number): Promise<WorkerStatus> {
    this.#checkOpen();
    if (this.#slots.size >= MAX_WORKERS) throw new TooManyWorkersError(MAX_WORKERS);
    const present = port === undefined ? undefined : this.#slots.get(port);
    if (present) throw new WorkerExistsError(present.port, present.state, this.#options.instance);
    const { ports } = this.#options;
    const got = port === undefined ? await ports.allocate() : await ports.claim(port);
    try {
      this.#checkOpen();
      const slot = this.#add(got);
      const failure = await slot.start();
      if (failure) throw new WorkerStartError(new Map([[got, failure]]));
      return slot.status();
    } catch (error) {
      await this.discard(got);
      throw error;
    }
  }

  /** Ends a worker at once, and gives its place and its port away. */
  async discard(port: number): Promise<void> {
    await this.#slots.get(port)?.stop({ now: true, deadlineMs: 0 });
    this.#slots.delete(port);
    this.#options.ports.release(port);
  }

  /**
   * Stops workers side by side; they keep their places. May be called again to hurry them up.
   *
   * @throws {NoSuchWorkerError} If there is none on a port that is named.
   */
  async stop(target: WorkerTarget, options: StopOptions): Promise<WorkerStatus[]> {
    const slots = this.#find(target);
    await Promise.all(slots.map((slot) => slot.stop(options)));
    return slots.map((slot) => slot.status());
  }

  /**
   * Has a worker answer a message as it would a client.
   *
   * @throws {NoSuchWorkerError} There is none on that port.
   * @throws {NoWorkerProcessError} It does not run.
   */
  async ask(port: number, message: WorkerQuestion, deadlineMs: number): Promise<unknown> {
    const [slot] = this.#find([port]);
    return await slot?.ask(message, deadlineMs);
  }

  /**
   * Those that can be asked: the one on a port, or all that have a process.
   *
   * @throws {NoSuchWorkerError} There is none on that port.
   */
  asked(port?: number): WorkerSlot[] {
    if (port !== undefined) return this.#find([port]);
    return this.#find("all").filter(({ answers }) => answers);
  }

  /**
   * Stops workers and starts them again on their ports; those that are stopped are just started. One
   * that serves stays as it is if its successor would not come up.
   *
   * @throws {NoSuchWorkerError} If there is none on a port that is named.
   * @throws {RestartError} If one does not become ready; others may have been left as they were.
   * @throws {SupersededError} If somebody else stops or restarts one of them meanwhile.
   */
  async restart(target: WorkerTarget, options: RestartOptions): Promise<WorkerStatus[]> {
    const slots = this.#find(target);
    const failures = new Map<number, FailedRestart>();
    const restartOne = async (slot: WorkerSlot) => {
      this.#checkOpen();
      const failure = await slot.restart(options);
      if (failure) failures.set(slot.port, failure);
    };
    if (options.rolling) {
      for (const [index, slot] of slots.entries()) {
        await restartOne(slot);
        if (failures.size === 0) continue;
        throw new RestartError(failures, slots.slice(index + 1).map(({ port }) => port));
      }
    } else {
      await Promise.all(slots.map(restartOne));
      if (failures.size > 0) throw new RestartError(failures);
    }
    return slots.map((slot) => slot.status());
  }

  /** Stops a worker and gives up its place and its port. */
  async dismiss(port: number, options: StopOptions): Promise<void> {
    await this.stop([port], options);
    this.#slots.delete(port);
    this.#options.ports.release(port);
    this.#changed();
  }

  /**
   * Has the workers present another certificate to clients that connect from now on. Whoever had seen the one
   * before has a whole handshake again.
   *
   * @throws {RequestFailedError} It cannot be used, says the first of them; nothing has changed.
   */
  async present(files: UsedFiles): Promise<void> {
    await this.#certificate.change(files);
    this.#ticketKeys.renew();
  }

  /** Starts nothing more, and stops all. May be called again, with `now`, to hurry it up. */
  async close(options: StopOptions): Promise<void> {
    this.#closing = true;
    await this.stop("all", options);
    this.#news[Symbol.dispose]();
    this.#ticketKeys[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ now: true, deadlineMs: 0 });
  }

  status(): WorkerStatus[] {
    return [...this.#slots.values()].map((slot) => slot.status());
  }

  #add(port: number): WorkerSlot {
    const slot = this.#options.newSlot(port, (event) => this.#happened(event));
    this.#slots.set(port, slot);
    return slot;
  }

  #happened(event: WorkerEvent): void {
    this.#options.onEvent(event);
    this.#changed();
    this.#news.tell();
    this.#ticketKeys.tell();
    this.#certificate.tell();
  }

  #find(target: WorkerTarget): WorkerSlot[] {
    if (target === "all") return [...this.#slots.values()];
    const unknown = target.filter((port) => !this.#slots.has(port));
    if (unknown.length > 0) throw new NoSuchWorkerError(unknown, this.#options.instance);
    return [...new Set(target)].flatMap((port) => this.#slots.get(port) ?? []);
  }

  #checkOpen(): void {
    if (this.#closing) throw new ShuttingDownError();
  }
}
