import type { SessionEndEvent, SessionEndStart } from "./session_end_worker.ts";
import { programModule } from "../../program_files.ts";
import { leaseUser32, WindowMessage } from "../libraries/user32.ts";

/** Windows ends processes that make it wait for 5 seconds. */
const WAIT_MS = 4500;

/** A watch for the end of the session. */
export interface SessionEndWatch extends AsyncDisposable {
  /** Settled with `undefined` once it watches; with why it does not, otherwise. */
  readonly watching: Promise<string | undefined>;
  /** Lets Windows go on, which then ends this process. */
  done(): void;
}

/**
 * Calls `onEnd`, on Windows alone, when the user logs off or the machine shuts down; Windows waits for
 * {@linkcode SessionEndWatch.done}, but no longer than about 5 seconds.
 *
 * Console control handlers are not told: "If a console application loads the gdi32.dll or user32.dll
 * library, the HandlerRoutine function […] does not get called for the CTRL_LOGOFF_EVENT and
 * CTRL_SHUTDOWN_EVENT events" (Microsoft, "HandlerRoutine callback function"), and Deno loads both. What is
 * told is a window, for which there is a thread of its own.
 */
export function watchSessionEnd(onEnd: () => void): SessionEndWatch {
  const done = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(programModule("ffi/process/session_end_worker"), {
    type: "module",
    name: "session end",
  });
  const watching = Promise.withResolvers<string | undefined>();
  let window: bigint | undefined;
  worker.addEventListener("message", ({ data }: MessageEvent<SessionEndEvent>) => {
    if (data.type === "ending") return onEnd();
    if (data.type === "window") window = data.address;
    watching.resolve(data.type === "failed" ? data.message : undefined);
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    watching.resolve(event.message);
  });
  worker.postMessage({ done, waitMs: WAIT_MS } satisfies SessionEndStart);
  function release(): void {
    Atomics.store(done, 0, 1);
    Atomics.notify(done, 0);
  }
  return {
    watching: watching.promise,
    done: release,
    async [Symbol.asyncDispose]() {
      release();
      await watching.promise;
      if (window === undefined) return worker.terminate();
      using user32 = leaseUser32();
      user32.symbols.PostMessageW(
        Deno.UnsafePointer.create(window),
        WindowMessage.WM_CLOSE,
        0n,
        0n,
      );
    },
  };
}
