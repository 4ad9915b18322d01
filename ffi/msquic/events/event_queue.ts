import {} from "../../../base/mod.ts";

/**
 * The queue that MsQuic posts its completions to in custom execution: an epoll instance on Linux, an
 * I/O completion port on Windows.
 *
 * Only the thread that made the queue takes completions off it. While {@linkcode EventQueue.wait} is
 * parked on another thread, {@linkcode EventQueue.drain} must not be called: completions are to be
 * run in the order in which the kernel hands them out, since a later one may free what an earlier
 * one points to.
 */
export interface EventQueue extends Disposable {
  /** Address of the `QUIC_EVENTQ` value (an `int` on Linux, a `HANDLE` on Windows). */
  readonly address: bigint;
  /** Runs what is there without waiting, and returns how many completions that were. */
  drain(): number;
  /**
   * Waits up to `timeoutMs` milliseconds on another thread, without using this one, then runs what
   * came. `0xFFFFFFFF` waits without limit. Resolves to the number of completions run.
   */
  wait(timeoutMs: number): Promise<number>;
  /** Makes a parked {@linkcode EventQueue.wait} return. */
  wake(): void;
}

/** How many completions are taken off the queue at once. */
export const MAX_COMPLETIONS = 64;

/** What `ExecutionPoll` returns when no timer is pending. */
export const NO_TIMEOUT = 0xFFFFFFFF;
