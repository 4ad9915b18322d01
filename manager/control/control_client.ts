import { connect, type Socket } from "node:net";
import { CodedError, CodedErrorOf, commandLine, Deadline, delay } from "../../base/mod.ts";
import { processAlive } from "../../ffi/process/process.ts";
import type { ShutdownResult } from "../../handlers/commands/mod.ts";
import type { KeptWorker } from "../takeover/kept_workers.ts";
import { MAX_LINE_BYTES, parseResponse, type RpcResponse } from "./json_rpc.ts";
import { readLines } from "../../base/lines.ts";
import type { StateDirectory } from "../state/state_directory.ts";

/** No manager answers for the instance. */
export class ManagerNotRunningError extends CodedError {
  readonly code = "no-manager";
  readonly instance: string;

  /** @param workers Those that go on without it. */
  constructor(instance: string, options?: ErrorOptions, workers: readonly KeptWorker[] = []) {
    const start = commandLine("start", instance);
    const which = workers.map(({ port, pid }) => `${port} (pid ${pid})`).join(", ");
    super(
      workers.length === 0
        ? `No manager is running for instance "${instance}"; start one with: ${start}`
        : `No manager is running for instance "${instance}", but workers serve on: ${which}; ` +
          `to get a manager back, which takes them over: ${start}`,
      options,
    );
    this.instance = instance;
  }
}

/**
 * A manager was reached, but the command did not succeed. The code is the command's own, or
 * `control-failed`, or `control-timeout`.
 */
export class ControlError extends CodedErrorOf<string> {}

/** How long to wait for an answer. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** In milliseconds; 10 seconds if not given. */
  timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const POLL_MS = 25;

/**
 * Runs a command in the instance's manager.
 *
 * @param params The command's parameters by name.
 * @returns What the command returns.
 * @throws {ManagerNotRunningError} If no manager runs.
 * @throws {ControlError} If the command fails, or the answer does not come or is not understood.
 * @throws What `signal` was aborted with.
 */
export async function callControl(
  state: StateDirectory,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions = {},
): Promise<unknown> {
  signal?.throwIfAborted();
  const info = await state.readInstanceInfo();
  if (!info) throw await notRunning(state);
  const request = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  using deadline = new Deadline(timeoutMs, () => noAnswer(method, info.pid, timeoutMs), signal);
  try {
    return resultOf(await exchange(info.control, request, deadline.signal));
  } catch (error) {
    deadline.signal.throwIfAborted();
    // One that runs may have closed the connection, as others need it more.
    const cutOff = hasCode(error, "ECONNRESET", "EPIPE");
    if (cutOff && processAlive(info.pid)) throw closedEarly(method, { cause: error });
    if (cutOff || hasCode(error, "ENOENT", "ECONNREFUSED")) {
      throw await notRunning(state, { cause: error });
    }
    if (error instanceof ControlError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Cannot run ${method}: the manager cannot be reached: ${reason}`;
    throw new ControlError("control-failed", message, { cause: error });
  }
}

function noAnswer(method: string, pid: number, timeoutMs: number): ControlError {
  const message = `Cannot run ${method}: the manager, process ${pid}, does not answer within ` +
    `${
      timeoutMs / 1000
    } s; if it is suspended (Ctrl-Z), let it go on with fg, otherwise end it and ` +
    "start it again";
  return new ControlError("control-timeout", message);
}

/**
 * Shuts the instance's manager down and waits until its process is gone.
 *
 * @throws {ManagerNotRunningError} If no manager runs.
 * @throws {ControlError} If it does not go; see {@linkcode callControl}.
 */
export async function shutdownManager(
  state: StateDirectory,
  { now = false, signal, timeoutMs = 60_000 }: CallOptions & { now?: boolean } = {},
): Promise<ShutdownResult> {
  const deadline = performance.now() + timeoutMs;
  const info = await state.readInstanceInfo();
  const result = await callControl(state, "shutdown", { now }, { signal, timeoutMs });
  while (info && info.pid !== Deno.pid && processAlive(info.pid)) {
    if (performance.now() > deadline) {
      const message = `Manager ${info.pid} has stopped its workers, but does not leave`;
      throw new ControlError("control-timeout", message);
    }
    await delay(POLL_MS, signal);
  }
  return { workers: countOf(result) };
}

function countOf(result: unknown): number {
  const known = typeof result === "object" && result !== null && "workers" in result;
  return known && typeof result.workers === "number" ? result.workers : 0;
}

/** Sends one line and reads one. */
async function exchange(path: string, line: string, signal: AbortSignal): Promise<RpcResponse> {
  signal.throwIfAborted();
  const socket = connect({ path });
  const abort = () => void socket.destroy(new Error("Aborted"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    await connected(socket);
    socket.write(`${line}\n`);
    for await (const text of readLines(socket, { maxBytes: MAX_LINE_BYTES })) {
      const response = parseResponse(text);
      if (response) return response;
      throw new ControlError(
        "control-failed",
        `Cannot understand the answer of the manager at "${path}"; it may be of another version: ` +
          "end it, and start it again",
      );
    }
    throw new ControlError(
      "control-failed",
      `The manager at "${path}" closed the connection without an answer; it may be leaving: try again`,
    );
  } finally {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  }
}

function connected(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("connect", resolve);
  // Stays: an error that nobody listens for would end the process.
  socket.on("error", reject);
  return promise;
}

function resultOf(response: RpcResponse): unknown {
  if (!("error" in response)) return response.result;
  const { message, data } = response.error;
  throw new ControlError(data?.code ?? "control-failed", message);
}

/** Whether it was never there, or died before it could answer. */
async function notRunning(state: StateDirectory, options?: ErrorOptions) {
  const { keptWorkers } = await import("../takeover/kept_workers.ts");
  return new ManagerNotRunningError(state.instance, options, await keptWorkers(state));
}

function closedEarly(method: string, options?: ErrorOptions): ControlError {
  const message = `Cannot run ${method}: the manager closed the connection before it answered; ` +
    "see what became of it, and try again";
  return new ControlError("control-failed", message, options);
}

function hasCode(error: unknown, ...codes: unknown[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(error.code);
}
