import { setTimeout as delay } from "node:timers/promises";

/** How often to look, in milliseconds. */
const LOOK_MS = 250;

/** Who is told what {@linkcode watchName} sees. */
export interface NameWatcher {
  /** The file had its name for the first time that it was looked at. */
  onSeen(): Promise<void>;
  /** The file has lost its name. */
  onGone(): void;
}

/**
 * Looks for a file's name until it is lost.
 *
 * @returns Disposed of, it looks no more.
 */
export function watchName(path: string, watcher: NameWatcher): AsyncDisposable {
  const stop = new AbortController();
  const watching = watch(path, stop.signal, watcher);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}

async function watch(path: string, signal: AbortSignal, watcher: NameWatcher): Promise<void> {
  for (let looks = 0; !signal.aborted; looks++) {
    try {
      await delay(LOOK_MS, undefined, { signal });
      await Deno.lstat(path);
      if (looks === 0) await watcher.onSeen();
    } catch (error) {
      // Anything else is met, and reported, by whoever uses the file.
      if (error instanceof Deno.errors.NotFound) return watcher.onGone();
    }
  }
}
