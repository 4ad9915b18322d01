import { CodedError } from "../../../base/mod.ts";
import type { EventQueue } from "./event_queue.ts";
import { openEpollQueue } from "./event_queue_linux.ts";

const windows = Deno.build.os === "windows" ? await import("./event_queue_windows.ts") : undefined;

/** Thrown where no event queue exists for this operating system. */
export class UnsupportedPlatformError extends CodedError {
  readonly code = "unsupported-platform";
}

/**
 * Opens the event queue of this operating system.
 *
 * @throws {UnsupportedPlatformError} On anything but Linux and Windows.
 */
export function openEventQueue(): EventQueue {
  if (Deno.build.os === "linux") return openEpollQueue();
  if (windows !== undefined) return windows.openCompletionPort();
  throw new UnsupportedPlatformError(
    `Cannot drive MsQuic on ${Deno.build.os}: only Linux (epoll) and Windows (I/O completion ports) are supported`,
  );
}
