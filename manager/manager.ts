import { getLogger } from "@logtape/logtape";
import {
  checkOptions,
  CodedError,
  delay,
  isWorker,
  type ManagerState,
  type OptionNames,
} from "../base/mod.ts";
import { locateLibrary } from "../ffi/msquic/locate.ts";
import {
  type CommandContext,
  type CommandRegistry,
  createCommandRegistry,
  type ManagerStatus,
} from "../handlers/commands/mod.ts";
import { VERSION } from "../version.ts";
import { auditStart, auditStop } from "./audit.ts";
import { BringUp, type Workers } from "./bring_up.ts";
import { checkConfig, type ManagerConfig } from "./config/config.ts";
import { configReport } from "./config/config_report.ts";
import { chooseControlPath } from "./control/control_path.ts";
import { auditedCommands } from "./control/audited_commands.ts";
import { ControlServer } from "./control/control_server.ts";
import type { ManagerEvent } from "./supervision/events.ts";
import { InstanceFile } from "./state/instance_file.ts";
import type { InstanceInfo } from "./state/instance_info.ts";
import { portCommands } from "./commands/port_commands.ts";
import { type SelfCommand, selfCommand } from "./process/self_command.ts";
import { StateDirectory } from "./state/state_directory.ts";
import { sessionCommands } from "./commands/session_commands.ts";
import { rateCommands } from "./commands/rate_commands.ts";
import { tokenCommands } from "./commands/token_commands.ts";
import { uploadCommands } from "./commands/upload_commands.ts";
import { workerCommands } from "./commands/worker_commands.ts";

const logger = getLogger(["msquicd", "manager"]);

/** A program that embeds a manager was started again, for a worker, and does not know it. */
export class NestedManagerError extends CodedError {
  readonly code = "nested-manager";

  constructor() {
    super(
      "Cannot start a manager in a process that is to be a worker; begin the program with: " +
        "if (isWorker()) Deno.exit(await runWorker()), or name another one in the option command",
    );
  }
}

/** What a manager may be given besides its configuration. */
export interface ManagerOptions {
  /** Gives up a start that is still going on. */
  signal?: AbortSignal | undefined;
  /** Told what happens, as it happens. */
  onEvent?: ((event: ManagerEvent) => void) | undefined;
  /** Where the instance keeps its state; by default where {@linkcode StateDirectory} puts it. */
  state?: StateDirectory | undefined;
  /**
   * How to start a worker, to which `worker --segment NAME` is added. From source, it is msquicd's own
   * `main.ts` by default. A compiled program starts itself, and has to call `runWorker` then:
   * `if (isWorker()) Deno.exit(await runWorker())`.
   */
  command?: SelfCommand | undefined;
  /** Path of the file that the configuration came from; only to tell. */
  configFile?: string | undefined;
  /** The commands it runs; by default those every manager has. */
  registry?: CommandRegistry | undefined;
}

/** How long a local client may take from reading whom to trust to connecting, in milliseconds. */
const ANNOUNCE_MS = 500;

const OPTION_NAMES: OptionNames<ManagerOptions> = {
  signal: true,
  onEvent: true,
  state: true,
  command: true,
  configFile: true,
  registry: true,
};

/**
 * A running manager: its workers, its control endpoint, and what tells local programs about them.
 *
 * @example Run a server of two workers
 * ```ts
 * import { Manager, resolveConfig } from "../mod.ts";
 *
 * await using manager = await Manager.start(resolveConfig({ ports: "0,0", instance: "mine" }));
 * console.log(manager.info.ports, manager.status().state);
 * await manager.shutdown(); // or wait until somebody tells it to: await manager.closed
 * ```
 */
export class Manager implements AsyncDisposable {
  readonly state: StateDirectory;
  readonly registry: CommandRegistry;
  readonly #config: ManagerConfig;
  readonly #configFile: string | undefined;
  readonly #workers: Workers;
  readonly #info: Omit<InstanceInfo, "ports" | "fingerprint" | "fingerprints">;
  readonly #emit: (event: ManagerEvent) => void;
  readonly #startedAt: number;
  readonly #undo = Promise.withResolvers<AsyncDisposableStack>();
  readonly #closed = Promise.withResolvers<void>();
  #state: ManagerState = "starting";
  #closing: Promise<void> | undefined;

  private constructor(
    parts: { config: ManagerConfig; state: StateDirectory; workers: Workers; startedAt: number },
    registry: CommandRegistry,
    emit: (event: ManagerEvent) => void,
    configFile: string | undefined,
  ) {
    this.state = parts.state;
    this.registry = registry;
    this.#config = parts.config;
    this.#configFile = configFile;
    this.#workers = parts.workers;
    this.#startedAt = parts.startedAt;
    this.#emit = emit;
    this.#info = {
      instance: parts.config.instance,
      pid: Deno.pid,
      host: parts.config.host,
      control: chooseControlPath(parts.state),
      version: VERSION,
    };
  }

  /**
   * Starts a manager and its workers: all of it, or nothing.
   *
   * @throws {NestedManagerError} In a process that a manager has started as a worker.
   * @throws {InstanceRunningError} If the instance has a manager already.
   * @throws {PortInUseError} If an explicitly named port is taken.
   * @throws {WorkerStartError} If a worker does not become ready.
   * @throws {NotPrivateError | StateError} If the state directory cannot be used.
   * @throws {LibraryNotFoundError | UnpackError} If there is no MsQuic for the workers.
   * @throws What `signal` was aborted with.
   */
  static async start(config: ManagerConfig, options: ManagerOptions = {}): Promise<Manager> {
    checkConfig("Cannot start a manager", config);
    checkOptions("Cannot start a manager", options, OPTION_NAMES);
    const { signal, command = selfCommand(), registry = createCommandRegistry() } = options;
    if (isWorker()) throw new NestedManagerError();
    // That this program has no MsQuic is said once and at once, not by each of its workers.
    if (options.command === undefined && config.msquicPath === undefined) locateLibrary();
    const startedAt = performance.now();
    const state = options.state ?? new StateDirectory(config.instance);
    const emit = options.onEvent ?? (() => {});
    chooseControlPath(state);
    emit({ type: "state", state: "starting" });
    await using undo = new AsyncDisposableStack();
    const workers = await BringUp.run({ config, state, command, emit, signal, undo });
    const parts = { config, state, workers, startedAt };
    const manager = new Manager(parts, registry, emit, options.configFile);
    await manager.#open(undo);
    signal?.throwIfAborted();
    manager.#undo.resolve(undo.move());
    void workers.settle();
    return manager;
  }

  /** How local programs reach it; its ports are those that serve at the moment. */
  get info(): Readonly<InstanceInfo> {
    const { instance, pid, host, ...rest } = this.#info;
    const { supervisor, certificate } = this.#workers;
    const { fingerprint } = certificate;
    const fingerprints = [...new Set([...certificate.fingerprints, ...supervisor.fingerprints])];
    return { instance, pid, host, ports: supervisor.serving, fingerprint, fingerprints, ...rest };
  }

  /** Settled when it has shut down and nothing is left of it. Never rejects. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  status(): ManagerStatus {
    return {
      instance: this.info.instance,
      pid: this.info.pid,
      version: VERSION,
      msquic: this.#workers.supervisor.msquic ?? null,
      state: this.#state,
      uptimeMs: Math.round(performance.now() - this.#startedAt),
      certificate: this.#workers.certificate.status,
      workers: this.#workers.supervisor.status(),
    };
  }

  /**
   * Runs a management command, as the control endpoint does.
   *
   * @throws {UnknownCommandError} If there is none of that name; else whatever it throws.
   */
  run(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown> {
    return auditedCommands(this.registry).run(command, this.#context(), parameters);
  }

  /**
   * Stops the workers and leaves nothing behind. May be called again, with `now`, to hurry it up.
   *
   * @param options `now`: do not wait for what is still going on.
   */
  async shutdown({ now = false }: { now?: boolean } = {}): Promise<void> {
    await this.#stopWorkers(now);
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  async #open(undo: AsyncDisposableStack): Promise<void> {
    undo.use(
      await ControlServer.listen(
        this.info.control,
        auditedCommands(this.registry),
        this.#context(),
      ),
    );
    this.#enter("ready");
    const file = undo.use(await InstanceFile.create(this.state, this.info));
    const { supervisor, certificate } = this.#workers;
    const update = () => file.update(this.info);
    supervisor.onChange = () => void update();
    certificate.watch({
      announce: async () => {
        await update();
        // Who has read the file just before connects in this time.
        if (supervisor.serving.length > 0) await delay(ANNOUNCE_MS);
      },
      present: (files) => supervisor.present(files),
      replaced: () => void update(),
    });
    void update();
    auditStart(this.#config, this.#configFile, supervisor.serving);
  }

  #context(): CommandContext {
    const uploads = uploadCommands(this.#config, this.#workers.rootMark);
    return {
      status: () => this.status(),
      config: () => configReport(this.#config, this.#configFile),
      shutdown: ({ now }) => this.#stopWorkers(now),
      ...workerCommands(this.#workers.supervisor, this.#config),
      ...portCommands(this.#workers, this.#config),
      ...tokenCommands(this.#workers.tokens, this.#config),
      ...rateCommands(this.#workers.rates, () => this.#workers.tokens.all, this.#config.instance),
      ...uploads,
      ...sessionCommands(this.#workers.supervisor, uploads, this.#config.instance),
    };
  }

  /** Stops the workers; once they are gone, everything else follows by itself. */
  async #stopWorkers(now: boolean): Promise<number> {
    if (this.#state === "ready") this.#enter("stopping");
    const { supervisor } = this.#workers;
    const count = supervisor.running;
    const stopped = supervisor.close({ now, deadlineMs: this.#config.stopDeadlineMs });
    this.#closing ??= this.#close(stopped);
    await stopped;
    return count;
  }

  async #close(workersStopped: Promise<void>): Promise<void> {
    try {
      await workersStopped;
      auditStop();
      const undo = await this.#undo.promise;
      await undo.disposeAsync();
    } catch (error) {
      logger.error("Cannot shut down cleanly: {error}", { error });
    }
    this.#enter("stopped");
    this.#closed.resolve();
  }

  #enter(state: ManagerState): void {
    this.#state = state;
    this.#emit({ type: "state", state });
  }
}
