import { DoorbellError } from "./doorbell_error.ts";
import { INFINITE, kernel32, MAXIMUM_WAIT_OBJECTS, WAIT_OBJECT_0 } from "../libraries/kernel32.ts";

/** One event of each wait is its own. */
const MAX_LISTENERS = MAXIMUM_WAIT_OBJECTS - 1;

/** Who wants to know of an auto-reset event. */
export interface EventListener {
  /** Stays open as long as it listens. */
  readonly handle: NonNullable<Deno.PointerValue>;
  /** The event was set, and is reset again. @returns Whether to go on listening. */
  onSet(): boolean;
  /** Nobody waits for the event any more. */
  onFailure(error: DoorbellError): void;
}

/** A place among the listeners. */
export interface Listening {
  /** Gives it up; resolves when nothing waits for the event any more, so that it may be closed. */
  end(): Promise<void>;
}

const waiters = new Set<EventWaiter>();

/**
 * Listens to an event, for any number of rings. All events of this process share a wait, which takes one
 * thread of the runtime's pool; there is another wait for every 63 of them, since Windows waits for 64
 * things at once (`MAXIMUM_WAIT_OBJECTS`).
 *
 * @throws {DoorbellError} `doorbell-failed` when Windows refuses.
 */
export function listen(listener: EventListener): Listening {
  for (const waiter of waiters) {
    if (waiter.hasRoom) return waiter.add(listener);
  }
  return new EventWaiter().add(listener);
}

/** One thread that sleeps until any of its events is set; there while it has any. */
class EventWaiter {
  /** Makes the sleeping thread look at who listens. */
  readonly #changed: NonNullable<Deno.PointerValue>;
  readonly #listeners = new Set<EventListener>();
  /** What the thread sleeps on: not to be touched while it does. */
  readonly #handles = new BigUint64Array(MAXIMUM_WAIT_OBJECTS);
  #asleep: Promise<number> | undefined;

  constructor() {
    const changed = kernel32.CreateEventW(null, 0, 0, null);
    if (changed === null) {
      const error = kernel32.GetLastError();
      throw new DoorbellError("doorbell-failed", `Cannot create an event: Windows error ${error}`);
    }
    this.#changed = changed;
    waiters.add(this);
  }

  get hasRoom(): boolean {
    return this.#listeners.size < MAX_LISTENERS;
  }

  add(listener: EventListener): Listening {
    this.#listeners.add(listener);
    if (this.#asleep) this.#wake();
    else this.#run();
    return { end: () => this.#remove(listener) };
  }

  async #remove(listener: EventListener): Promise<void> {
    if (!this.#listeners.delete(listener) || !this.#asleep) return;
    this.#wake();
    await this.#asleep;
  }

  #wake(): void {
    kernel32.SetEvent(this.#changed);
  }

  // Whoever awaits a sleep as well began to do so later, and so finds everything done.
  async #run(): Promise<void> {
    while (this.#listeners.size > 0) {
      const listeners = Array.from(this.#listeners);
      [this.#changed, ...listeners.map(({ handle }) => handle)].forEach((handle, index) => {
        this.#handles[index] = Deno.UnsafePointer.value(handle);
      });
      this.#asleep = kernel32.WaitForMultipleObjects_parked(
        listeners.length + 1,
        this.#handles,
        0,
        INFINITE,
      );
      const result = await this.#asleep;
      this.#asleep = undefined;
      if (result <= listeners.length) this.#tell(listeners, result - WAIT_OBJECT_0);
      else this.#fail(result);
    }
    waiters.delete(this);
    kernel32.CloseHandle(this.#changed);
  }

  /** Tells of the first event that was set, and of all behind it: so none of them starves the others. */
  #tell(listeners: readonly EventListener[], first: number): void {
    for (let index = first; index <= listeners.length; index = this.#nextSet(listeners, index)) {
      const listener = listeners[index - 1];
      if (listener === undefined || !this.#listeners.has(listener)) continue; // ours, or has left
      if (!listener.onSet()) this.#listeners.delete(listener);
    }
  }

  /** The next event behind `index` that is set, which this resets; else some number above all. */
  #nextSet(listeners: readonly EventListener[], index: number): number {
    const rest = listeners.length - index;
    if (rest === 0) return INFINITE;
    const { WaitForMultipleObjects } = kernel32;
    const result = WaitForMultipleObjects(rest, this.#handles.subarray(index + 1), 0, 0);
    return index + 1 + result - WAIT_OBJECT_0;
  }

  #fail(result: number): void {
    const error = new DoorbellError(
      "doorbell-failed",
      `Cannot wait for doorbells: WaitForMultipleObjects answered ${result}`,
    );
    const listeners = Array.from(this.#listeners);
    this.#listeners.clear();
    for (const listener of listeners) listener.onFailure(error);
  }
}
