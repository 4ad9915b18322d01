import { setImmediate } from "node:timers";

/**
 * Resolves in the next turn of the runtime's event loop, when everything else that is ready has run:
 * promise reactions, finished file operations, timers.
 *
 * Not by a message to oneself: the runtime then takes only every 128th turn to look whether an
 * operation on another thread has finished, so that a file write took milliseconds.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
