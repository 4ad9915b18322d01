import {
  checkParameters,
  type ParametersOf,
  type ParameterSpecs,
  type WorkerTarget,
} from "./parameters.ts";
import type { HandlersResult } from "./handler_status.ts";
import type { PortStatus } from "./port_status.ts";
import type { ManagerStatus, WorkerStatus } from "./status_report.ts";
import type { RatesResult } from "./rate_status.ts";
import type { Schema } from "./schema.ts";
import type { KickResult, SessionsResult } from "./session_status.ts";
import type { TransfersResult, TransferStatus } from "./transfer_status.ts";
import type { NewTokenResult, TokenStatus, TokenWish } from "./token_status.ts";
import type { UploadSelection, UploadStatus } from "./upload_status.ts";
import type { View } from "./view.ts";

/** How workers are to leave. */
export interface LeaveOptions {
  /** Do not wait for what is still going on. */
  now?: boolean | undefined;
  /** How long to wait for it otherwise, in milliseconds; as configured if not given. */
  deadlineMs?: number | undefined;
}

/** A message for a worker. */
export interface WorkerQuestion {
  /** Its name, or its type. */
  readonly message: string;
  readonly body: Record<string, unknown>;
}

/** What a manager lends to the commands that run in it. */
export interface CommandContext {
  status(): ManagerStatus;
  /** What it was configured with, as a value that can be written as JSON. */
  config(): Record<string, unknown>;
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
  /** Has a worker answer a message, within so many milliseconds, as it would a client. */
  send(port: number, message: WorkerQuestion, deadlineMs: number): Promise<unknown>;
  /** What a worker serves: that on a port, or the first one that is ready. */
  handlers(port: number | undefined): Promise<HandlersResult>;
  /** The ports of the plan, of the workers, and those reserved, in ascending order. */
  ports(): Promise<PortStatus[]>;
  /** Keeps a port for a worker that is spawned later. */
  reservePort(port: number): Promise<PortStatus>;
  /** Keeps a reserved port no longer. */
  releasePort(port: number): Promise<PortStatus>;
  /** Who is connected: to the worker on a port, or to all; in no order. */
  sessions(port: number | undefined): Promise<Omit<SessionsResult, "total">>;
  /**
   * Ends the session whose id begins so, for a reason that its client is told.
   *
   * @throws {NoSessionError | AmbiguousIdError}
   */
  kick(session: string, reason: string | undefined): Promise<KickResult>;
  /** What is on its way, the oldest first, and behind it what waits; of one worker, only the former. */
  transfers(port: number | undefined): Promise<Omit<TransfersResult, "total">>;
  /**
   * Ends the transfer whose id begins so, for a reason that its client is told; or removes what waits of it.
   *
   * @throws {NoTransferError | AmbiguousIdError | TransferDoneError}
   */
  cancelTransfer(transfer: string, reason: string | undefined): Promise<TransferStatus>;
  /** What is staged of uploads, the oldest first. */
  uploads(): Promise<UploadStatus[]>;
  /** Removes what is kept of interrupted uploads; returns those that were removed. */
  removeUploads(selection: UploadSelection): Promise<UploadStatus[]>;
  /** How fast all clients, and those of single tokens, may be, as far as that is set. */
  rates(): RatesResult;
  /** Has clients of a token, or all of them, be no faster; 0 lets them be as fast as they can. */
  limitRate(token: string | undefined, bytesPerSecond: number): Promise<void>;
  /** The same of one session, by the first digits of its id; returns the id. */
  limitSession(prefix: string, bytesPerSecond: number): Promise<string>;
  /** The tokens besides the owner's. */
  tokens(): TokenStatus[];
  /** Makes a token; every worker lets it in then. */
  addToken(wish: TokenWish): Promise<NewTokenResult>;
  /** Makes another token in the place of one, whose sessions are ended then. */
  rotateToken(name: string): Promise<NewTokenResult>;
  /** Has another quota hold for a token: bytes, or none. */
  setTokenQuota(name: string, quota: string): Promise<TokenStatus>;
  /** Takes a token back; returns how many sessions that has ended, once they are. */
  revokeToken(name: string): Promise<number>;
  /**
   * Begins to shut the manager down.
   *
   * @returns How many workers there were, once the last of them is gone.
   */
  shutdown(options: { now: boolean }): Promise<number>;
}

/** What its user must be allowed to do: look, or change things. */
export type Right = "read" | "admin";

/** Commands that are typed with the same first word. */
export interface CommandGroup {
  /** One line, for help. */
  readonly summary: string;
  /** The second word of the command that the group is named after. */
  readonly own: string;
  /** Whether that one is meant where there is no second word. */
  readonly byDefault: boolean;
}

/** A management command: the same for the shell, for scripts and for the control endpoint. */
export interface Command<Result = unknown> {
  /** What it is called at the control endpoint; typed with spaces in place of dots. */
  readonly name: string;
  /** One line, for help. */
  readonly summary: string;
  /** What help says where a line is not enough. */
  readonly description?: string | undefined;
  /** The group that it is the first of, if its name is one of a group. */
  readonly group?: CommandGroup | undefined;
  readonly right: Right;
  readonly parameters: ParameterSpecs;
  /** Whether it waits for workers, for as long as they take. */
  readonly waits?: boolean | undefined;
  /** Whether the command line can show it again and again, as it changes. */
  readonly watchable?: boolean | undefined;
  readonly result: Schema<Result>;
  /**
   * Checks `parameters` and does the work.
   *
   * @returns A value that can be written as JSON.
   * @throws {InvalidParametersError} If the parameters do not fit.
   */
  run(context: CommandContext, parameters: unknown): Promise<Result>;
  /** The result, for a person. */
  show(result: Result, view: View): string;
  /** What `--json` prints, where that is not the result itself. */
  toJson?(result: Result, view: Pick<View, "instance">): unknown;
}

/** Makes a {@linkcode Command} whose `run` is handed checked and typed parameters. */
export function defineCommand<const S extends ParameterSpecs, Result>(
  definition: Omit<Command<Result>, "parameters" | "run"> & {
    parameters: S;
    run(context: CommandContext, parameters: ParametersOf<S>): Result | Promise<Result>;
  },
): Command<Result> {
  const { name, parameters: specs, run } = definition;
  return {
    ...definition,
    run: async (context, parameters) =>
      await run(context, checkParameters(name, specs, parameters)),
  };
}
