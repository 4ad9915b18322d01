/** More threads for tasks than that make no sense on any machine. */
export const MAX_TASK_THREADS = 256;

/**
 * How many threads each of some workers has for tasks where nothing is said: the cores that are left to it
 * when each worker has one, and one at least.
 */
export function defaultTaskThreads(cores: number, workers: number): number {
  return Math.min(MAX_TASK_THREADS, Math.max(1, Math.floor(cores / workers) - 1));
}
