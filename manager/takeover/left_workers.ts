import { delay, type ProcessIdentity, sameIdentity } from "../../base/mod.ts";
import { DoorbellError } from "../../ffi/doorbell/doorbell_error.ts";
import { isRunning } from "../../ffi/process/process.ts";
import { SharedMemoryError } from "../../ffi/shared_memory/shared_memory_error.ts";
import { inspectSegment, ManagerEnd, type WorkerIdentity } from "../../ipc/mod.ts";
import { getLogger } from "@logtape/logtape";
import { killSame } from "../process/adopted_process.ts";
import { endActionsOf } from "../process/end_actions.ts";
import type { LedgerEntry, SegmentLedger } from "../state/segment_ledger.ts";

const logger = getLogger(["msquicd", "manager"]);

/** A worker that has gone on without a manager, and answers to us now. */
export interface LeftWorker {
  readonly identity: WorkerIdentity;
  readonly process: ProcessIdentity;
  readonly segment: ManagerEnd;
}

/** How to deal with what another manager has left. */
export interface LeftWorkersOptions {
  ledger: SegmentLedger;
  entries: readonly LedgerEntry[];
  /** How long workers that leave by themselves may take, in milliseconds. */
  patienceMs: number;
  /** How long a worker may take to say who it is, in milliseconds; 3000 by default. */
  identifyMs?: number;
  signal: AbortSignal | undefined;
}

/** How long a worker may take to say who it is by default, in milliseconds. */
const IDENTIFY_MS = 3000;

/** How long one that got SIGTERM may take to leave. */
const LEAVE_MS = 1500;
const POLL_MS = 50;

/**
 * Deals with what a manager that was killed has left: takes over the workers that were to go on, waits
 * for those that leave, ends those that do neither, and removes what nobody needs any more.
 *
 * @returns The workers taken over. Whoever has no use for one lets its segment go.
 * @throws {SharedMemoryError | DoorbellError} If the system does not let us look at one of them, or talk
 * to it; or what `signal` was aborted with. Nothing is taken over then, and what was to go on goes on.
 */
export async function takeOverLeftWorkers(options: LeftWorkersOptions): Promise<LeftWorker[]> {
  await using undo = new AsyncDisposableStack();
  const found = await Promise.allSettled(options.entries.map(async (entry) => {
    const worker = await takeOver(entry, options);
    if (worker !== undefined) undo.defer(() => worker.segment.letGo());
    return worker;
  }));
  options.signal?.throwIfAborted();
  const workers = found.flatMap((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value ?? [];
  });
  undo.move();
  return workers;
}

async function takeOver(
  entry: LedgerEntry,
  { ledger, patienceMs, identifyMs = IDENTIFY_MS, signal }: LeftWorkersOptions,
): Promise<LeftWorker | undefined> {
  const { name } = entry;
  const facts = inspectSegment(name);
  const worker = runningWorker(facts?.worker) ?? runningWorker(entry.worker);
  if (worker === undefined) {
    await endActionsOf(name);
    return void ledger.unlink(name);
  }
  if (facts?.keep && sameIdentity(worker, facts.worker)) {
    try {
      return await identify(name, worker, identifyMs, signal);
    } catch (error) {
      signal?.throwIfAborted();
      // That we cannot, now, says nothing about the worker.
      if (isOurs(error)) throw error;
      logger.warning("Cannot take over worker process {pid}, which is ended: {error}", {
        pid: worker.pid,
        error,
      });
    }
  } else if (facts?.problem === undefined) {
    await gone(worker, patienceMs, signal);
  }
  await end(worker, signal);
  await endActionsOf(name);
  ledger.unlink(name);
}

/** Whether the system has refused something to this process. */
function isOurs(error: unknown): boolean {
  if (error instanceof DoorbellError) return error.code === "doorbell-failed";
  return error instanceof SharedMemoryError && error.code === "shared-memory-failed";
}

/** A process that is beyond doubt the one meant, and runs. */
function runningWorker(worker: ProcessIdentity | undefined): ProcessIdentity | undefined {
  if (worker === undefined || worker.startTime === 0n || worker.pid === Deno.pid) return undefined;
  return isRunning(worker) ? worker : undefined;
}

/** Takes over, and has the worker say who it is; one that still starts is asked again. */
async function identify(
  name: string,
  process: ProcessIdentity,
  withinMs: number,
  signal: AbortSignal | undefined,
): Promise<LeftWorker> {
  const segment = ManagerEnd.takeOver(name);
  try {
    const identity = await ask(segment, withinMs, signal);
    if (!identity.leaving) return { identity, process, segment };
    throw new Error("It was told to leave before");
  } catch (error) {
    await segment.letGo();
    throw error;
  }
}

async function ask(
  segment: ManagerEnd,
  withinMs: number,
  signal: AbortSignal | undefined,
): Promise<WorkerIdentity> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    segment.beat();
    const leftMs = Math.max(1, Math.round(deadline - performance.now()));
    try {
      return await segment.request("identify", {}, {
        deadlineMs: leftMs,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      const early = error instanceof Error && "code" in error && error.code === "not-started";
      if (!early || performance.now() >= deadline) throw error;
    }
    await delay(POLL_MS, signal);
  }
}

async function end(worker: ProcessIdentity, signal: AbortSignal | undefined): Promise<void> {
  killSame(worker, "SIGTERM");
  if (await gone(worker, LEAVE_MS, signal)) return;
  killSame(worker, "SIGKILL");
  await gone(worker, LEAVE_MS, signal);
}

async function gone(
  process: ProcessIdentity,
  withinMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isRunning(process)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS, signal);
  }
  return true;
}
