import {
  checkParameters,
  type ParametersOf,
  type ParameterSpecs,
  type WorkerTarget,
} from "./parameters.ts";
import type { PortStatus } from "./port_status.ts";
import type { ManagerStatus, WorkerStatus } from "./status_report.ts";
import type { UploadSelection, UploadStatus } from "./upload_status.ts";

/** How workers are to leave. */
export interface LeaveOptions {
  /** Do not wait for what is still going on. */
  now?: boolean | undefined;
  /** How long to wait for it otherwise, in milliseconds; as configured if not given. */
  deadlineMs?: number | undefined;
}

/** What a manager lends to the commands that run in it. */
export interface CommandContext {
  status(): ManagerStatus;
  /** What it was configured with, as a value that can be written as JSON. */
  config(): unknown;
  /** Adds a worker, on a free port if none is given. Returns when it is ready. */
  spawn(port: number | undefined): Promise<WorkerStatus>;
  /** Stops workers; returns when they are gone. */
  stop(workers: WorkerTarget, options: LeaveOptions): Promise<WorkerStatus[]>;
  /** Stops workers, when they have finished what is under way. */
  drain(workers: WorkerTarget, deadlineMs: number | undefined): Promise<WorkerStatus[]>;
  /** Replaces workers; returns when the new ones are ready. `rolling`: one after the other. */
  restart(
    workers: WorkerTarget,
    options: LeaveOptions & { rolling: boolean },
  ): Promise<WorkerStatus[]>;
  /** The ports of the plan, of the workers, and those reserved, in ascending order. */
  ports(): Promise<PortStatus[]>;
  /** Keeps a port for a worker that is spawned later. */
  reservePort(port: number): Promise<PortStatus>;
  /** Keeps a reserved port no longer. */
  releasePort(port: number): Promise<PortStatus>;
  /** What is staged of uploads, the oldest first. */
  uploads(): Promise<UploadStatus[]>;
  /** Removes what is kept of interrupted uploads; returns those that were removed. */
  removeUploads(selection: UploadSelection): Promise<UploadStatus[]>;
  /**
   * Begins to shut the manager down.
   *
   * @returns How many workers there were, once the last of them is gone.
   */
  shutdown(options: { now: boolean }): Promise<number>;
}

/** A management command: the same for the shell, for scripts and for the control endpoint. */
export interface Command {
  readonly name: string;
  /** One line, for help. */
  readonly summary: string;
  readonly parameters: ParameterSpecs;
  /**
   * Checks `parameters` and does the work.
   *
   * @returns A value that can be written as JSON.
   * @throws {InvalidParametersError} If the parameters do not fit.
   */
  run(context: CommandContext, parameters: unknown): Promise<unknown>;
}

/** Makes a {@linkcode Command} whose `run` is handed checked and typed parameters. */
export function defineCommand<const S extends ParameterSpecs>(definition: {
  name: string;
  summary: string;
  parameters: S;
  run(context: CommandContext, parameters: ParametersOf<S>): unknown;
}): Command {
  const { name, summary, parameters: specs, run } = definition;
  return {
    name,
    summary,
    parameters: specs,
    run: async (context, parameters) =>
      await run(context, checkParameters(name, specs, parameters)),
  };
}
