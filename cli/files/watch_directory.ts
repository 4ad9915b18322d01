import { relative, sep } from "node:path";
import { delay, orAborted } from "../../base/mod.ts";
import { fileError } from "../../transfer/mod.ts";

/** How long nothing has to happen before what has is told, in milliseconds, and how long that is waited for. */
const QUIET_MS = 300;
const MAX_WAIT_MS = 3000;

/** Of more names, only that there are more is kept. */
const MAX_NAMES = 10_000;

/** What has changed in a directory. */
export interface Changes {
  /** Paths below it, with slashes between; `undefined`: more than could be kept, or it is not known which. */
  names: string[] | undefined;
}

/** Watches a directory. */
export interface DirectoryWatch extends Disposable {
  /** What has changed since it was asked last, once it is quiet. @throws The signal's reason when it aborts. */
  next(signal: AbortSignal): Promise<Changes>;
}

/**
 * Watches a directory with all that is below it, from now on.
 *
 * @throws The directory cannot be watched; on Linux, there may be too many in it (fs.inotify.max_user_watches).
 */
export function watchDirectory(directory: string): DirectoryWatch {
  const names = new Set<string>();
  let tooMany = false;
  let lastAt = 0;
  let failure: unknown;
  let happened = Promise.withResolvers<void>();
  let watcher: Deno.FsWatcher;
  try {
    watcher = Deno.watchFs(directory, { recursive: true });
  } catch (cause) {
    throw fileError(cause, `Cannot watch "${directory}"`);
  }
  async function collect(): Promise<void> {
    try {
      for await (const { kind, paths, flag } of watcher) {
        if (kind === "access") continue;
        tooMany ||= flag === "rescan";
        for (const path of paths) {
          const name = relative(directory, path).replaceAll(sep, "/");
          if (names.size < MAX_NAMES) names.add(name);
          else tooMany = true;
        }
        lastAt = performance.now();
        happened.resolve();
      }
    } catch (cause) {
      failure = fileError(cause, `Cannot watch "${directory}" any more`);
      happened.resolve();
    }
  }
  void collect();
  return {
    async next(signal) {
      await orAborted(happened.promise, signal);
      const end = performance.now() + MAX_WAIT_MS;
      for (;;) {
        const rest = Math.min(lastAt + QUIET_MS, end) - performance.now();
        if (rest <= 0 || failure !== undefined) break;
        await delay(rest, signal);
      }
      if (failure !== undefined) throw failure;
      const changes = { names: tooMany || names.has("") ? undefined : [...names].sort() };
      names.clear();
      tooMany = false;
      happened = Promise.withResolvers();
      return changes;
    },
    [Symbol.dispose]: () => watcher.close(),
  };
}
