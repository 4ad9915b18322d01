/** How often a manager beats and looks after its workers, in milliseconds. */
const BEAT_MS = 250;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * Calls a function with every beat until the result is disposed.
 *
 * There is one beat for all: an idle manager wakes up as often with many workers as with one.
 */
export function onBeat(listener: () => void): Disposable {
  const own = (): void => listener();
  listeners.add(own);
  timer ??= setInterval(beat, BEAT_MS);
  return {
    [Symbol.dispose]() {
      listeners.delete(own);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}

function beat(): void {
  for (const listener of listeners) listener();
}
