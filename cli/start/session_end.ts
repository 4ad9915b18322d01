import { getLogger } from "@logtape/logtape";
import { watchSessionEnd } from "../../ffi/mod.ts";

/**
 * Calls `onEnd` when the user logs off from Windows or the machine shuts down, which elsewhere is a signal.
 * Until it is disposed of, Windows waits with ending this process, though no longer than 5 seconds.
 */
export function listenForSessionEnd(onEnd: () => void): AsyncDisposable {
  if (Deno.build.os !== "windows") return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const watch = watchSessionEnd(onEnd);
  watch.watching.then((problem) => {
    if (problem === undefined) return;
    getLogger(["msquicd", "manager"]).debug("Nothing tells of a log-off: {problem}", { problem });
  });
  return watch;
}
