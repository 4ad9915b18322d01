import { getLogger } from "@logtape/logtape";

const windows = Deno.build.os === "windows"
  ? await import("../../ffi/process/session_end_windows.ts")
  : undefined;

/**
 * Calls `onEnd` when the user logs off from Windows or the machine shuts down, which elsewhere is a signal.
 * Until it is disposed of, Windows waits with ending this process, though no longer than 5 seconds.
 */
export function listenForSessionEnd(onEnd: () => void): AsyncDisposable {
  if (windows === undefined) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const watch = windows.watchSessionEnd(onEnd);
  watch.watching.then((problem) => {
    if (problem === undefined) return;
    getLogger(["msquicd", "manager"]).debug("Nothing tells of a log-off: {problem}", { problem });
  });
  return watch;
}
