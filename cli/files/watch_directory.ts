import { basename, relative, sep } from "node:path";
import { fileError } from "../../transfer/mod.ts";
import { ChangeCollector, type Changes } from "./changes.ts";
import { isUnfinished } from "./unfinished.ts";

/** Watches a directory. */
export interface Watch extends Disposable {
  /** What has changed since it was asked last, once it is quiet. @throws The signal's reason when it aborts. */
  next(signal: AbortSignal): Promise<Changes>;
}

/**
 * Watches a directory with all that is below it, from now on.
 *
 * @throws The directory cannot be watched; on Linux, there may be too many in it (fs.inotify.max_user_watches).
 */
export function watchDirectory(directory: string): Watch {
  const changes = new ChangeCollector();
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
        if (flag === "rescan") changes.add();
        for (const path of paths) {
          if (isUnfinished(basename(path))) continue;
          // Of the directory itself, it is not known what has changed in it.
          changes.add(relative(directory, path).replaceAll(sep, "/") || undefined);
        }
      }
    } catch (cause) {
      changes.fail(fileError(cause, `Cannot watch "${directory}" any more`));
    }
  }
  void collect();
  return {
    next: (signal) => changes.next(signal),
    [Symbol.dispose]: () => watcher.close(),
  };
}
