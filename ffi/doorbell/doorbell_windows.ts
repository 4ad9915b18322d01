import type { Bell } from "./bell.ts";
import { DoorbellError } from "./doorbell_error.ts";
import { type EventListener, listen, type Listening } from "./event_waiter_windows.ts";
import {
  ERROR_ALREADY_EXISTS,
  kernel32,
  SYNCHRONIZE,
  WAIT_OBJECT_0,
  wideString,
} from "../libraries/kernel32.ts";
import { ownerOnly } from "../access/owner_only_windows.ts";
import type { SharedMemory } from "../shared_memory/shared_memory.ts";

const EVENT_MODIFY_STATE = 0x2;

/** Creates the event that goes with this place in the shared memory. */
export function createBell(memory: SharedMemory, offset: number): Bell {
  using security = ownerOnly();
  const name = eventName(memory, offset);
  const wide = wideString(name);
  const handle = kernel32.CreateEventW(security.attributes, 0, 0, wide);
  const error = kernel32.GetLastError();
  if (handle === null) throw failure("create", name, error);
  using undo = new DisposableStack();
  undo.defer(() => kernel32.CloseHandle(handle));
  // CreateEvent opens what is there: only the last error tells.
  if (error === ERROR_ALREADY_EXISTS) throw failure("create", name, error);
  const bell = new EventBell(handle);
  undo.move();
  return bell;
}

/** Opens the event that the other end created. */
export function openBell(memory: SharedMemory, offset: number): Bell {
  const name = eventName(memory, offset);
  const wide = wideString(name);
  const handle = kernel32.OpenEventW(EVENT_MODIFY_STATE | SYNCHRONIZE, 0, wide);
  if (handle === null) throw failure("open", name, kernel32.GetLastError());
  using undo = new DisposableStack();
  undo.defer(() => kernel32.CloseHandle(handle));
  const bell = new EventBell(handle);
  undo.move();
  return bell;
}

/**
 * A named auto-reset event: rings that nobody waited for are one ring.
 *
 * From its first wait until it is closed the thread of {@linkcode listen} watches it, also while nobody
 * waits, so that a sleeper who comes back after each ring need not wake that thread. It stops with a ring
 * for nobody, so that a peer cannot keep it busy.
 */
class EventBell implements Bell, EventListener {
  readonly handle: NonNullable<Deno.PointerValue>;
  #listening: Listening | undefined;
  #sleeper: PromiseWithResolvers<boolean> | undefined;
  /** A ring that the thread has taken for nobody. */
  #rung = false;

  constructor(handle: NonNullable<Deno.PointerValue>) {
    this.handle = handle;
  }

  ring(): void {
    kernel32.SetEvent(this.handle);
  }

  take(): boolean {
    const rung = this.#rung;
    this.#rung = false;
    return kernel32.WaitForSingleObject(this.handle, 0) === WAIT_OBJECT_0 || rung;
  }

  async park(): Promise<boolean> {
    this.#listening ??= listen(this);
    this.#sleeper ??= Promise.withResolvers();
    return await this.#sleeper.promise;
  }

  onSet(): boolean {
    if (this.#sleeper === undefined) {
      this.#rung = true;
      this.#listening = undefined;
      return false;
    }
    this.#sleeper.resolve(true);
    this.#sleeper = undefined;
    return true;
  }

  onFailure(error: DoorbellError): void {
    this.#sleeper?.reject(error);
    this.#sleeper = undefined;
    this.#listening = undefined;
  }

  // Windows does not say what becomes of a wait for a handle that is closed.
  async close(): Promise<void> {
    if (this.#listening) await this.#listening.end();
    kernel32.CloseHandle(this.handle);
  }
}

function eventName(memory: SharedMemory, offset: number): string {
  return `Local\\${memory.name}-${offset}`;
}

function failure(action: string, name: string, error: number): DoorbellError {
  const reason = error === ERROR_ALREADY_EXISTS ? "the name is taken" : `Windows error ${error}`;
  return new DoorbellError("doorbell-failed", `Cannot ${action} event "${name}": ${reason}`);
}
