import { setTimeout as delay } from "node:timers/promises";

/** How often to look, in milliseconds. */
const LOOK_MS = 250;

/**
 * Calls `onGone` once when a file has lost its name.
 *
 * @returns Disposed of, it looks no more.
 */
export function watchName(path: string, onGone: () => void): AsyncDisposable {
  const stop = new AbortController();
  const watching = watch(path, stop.signal, onGone);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}

async function watch(path: string, signal: AbortSignal, onGone: () => void): Promise<void> {
  while (!signal.aborted) {
    try {
      await delay(LOOK_MS, undefined, { signal });
      await Deno.lstat(path);
    } catch (error) {
      // Anything else is met, and reported, by whoever uses the file.
      if (error instanceof Deno.errors.NotFound) return onGone();
    }
  }
}
