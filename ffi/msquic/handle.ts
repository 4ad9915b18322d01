import { failed, Param } from "./abi/mod.ts";
import { MsQuicError } from "./errors.ts";
import type { EventView } from "./event_view.ts";
import type { EventSink, HandleKind, Runtime } from "./runtime.ts";

/** What MsQuic calls them in its own traces. */
const TRACE_NAMES: Record<HandleKind, string> = {
  listener: "list",
  connection: "conn",
  stream: "strm",
  configuration: "cnfg",
};

type Close = (runtime: Runtime, pointer: Deno.PointerValue) => void | Promise<void>;

const CLOSE: Record<HandleKind, Close> = {
  listener: closeListener,
  connection: (runtime, pointer) => runtime.closeConnection(pointer),
  stream: ({ api }, pointer) => api.StreamClose(pointer),
  configuration: ({ api }, pointer) => api.ConfigurationClose(pointer),
};

/** A function of MsQuic's that opens a handle: whom it calls, with what, and where it writes the handle. */
export type Opening = (
  callback: Deno.PointerValue,
  context: bigint,
  out: BigUint64Array<ArrayBuffer>,
) => number;

/** Of a parameter that is asked for: how long it may be, and then is. */
const parameterLength = new Uint32Array(1);

/**
 * A handle of MsQuic's (`HQUIC`), the number that its events come with, and its name in logs and errors.
 *
 * Its owner closes it, once MsQuic has delivered its last event: only then may the number be another
 * one's.
 */
export class Handle implements EventSink {
  readonly #kind: HandleKind;
  readonly #owner: Omit<EventSink, "traceName"> | undefined;
  #pointer: Deno.PointerValue = null;
  #closed = false;
  readonly runtime: Runtime;
  /** A number that no other handle of its kind has in this process, until it is closed. */
  readonly context: number;

  /** @param owner Who handles its events, where it has any. */
  constructor(runtime: Runtime, kind: HandleKind, owner?: Omit<EventSink, "traceName">) {
    this.runtime = runtime;
    this.#kind = kind;
    this.#owner = owner;
    this.context = runtime.handles[kind].add(this);
  }

  /** Who it is in logs and errors, as MsQuic's traces write it: `[conn][12]`. */
  get traceName(): string {
    return `[${TRACE_NAMES[this.#kind]}][${this.context}]`;
  }

  /** Whether MsQuic has it open. */
  get open(): boolean {
    return this.#pointer !== null;
  }

  /** What MsQuic knows it by. */
  get pointer(): Deno.PointerObject {
    if (this.#pointer === null) {
      throw new TypeError(`Cannot use a closed ${this.#kind}: ${this.traceName}`);
    }
    return this.#pointer;
  }

  /**
   * Has MsQuic open it.
   *
   * @throws {MsQuicError} MsQuic does not: then it is closed already.
   */
  acquire(operation: string, opening: Opening): void {
    const { callbacks, handleOut: out } = this.runtime;
    const status = opening(callbacks[this.#kind], BigInt(this.context), out.buffer);
    if (failed(status)) {
      this.close();
      throw this.error(operation, status);
    }
    this.#pointer = out.pointer;
  }

  /** Takes on one that MsQuic has opened. */
  adopt(pointer: Deno.PointerValue): void {
    const { api, callbacks } = this.runtime;
    api.SetCallbackHandler(pointer, callbacks[this.#kind], BigInt(this.context));
    this.#pointer = pointer;
  }

  /** Leaves it to MsQuic, which closes it and tells nobody. */
  disown(): void {
    this.runtime.api.SetCallbackHandler(this.pointer, null, 0n);
    this.#pointer = null;
    this.close();
  }

  /** Closes one that has more events to come, which nobody hears. */
  abandon(): void {
    this.runtime.api.SetCallbackHandler(this.pointer, null, 0n);
    this.close();
  }

  /** Closes it, once, and gives up its number; a listener's waits for the event loop. */
  close(): void | Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const pointer = this.#pointer;
    this.#pointer = null;
    try {
      if (pointer !== null) return CLOSE[this.#kind](this.runtime, pointer);
    } finally {
      this.runtime.handles[this.#kind].remove(this.context);
    }
  }

  /**
   * Sets one of its parameters.
   *
   * @throws {MsQuicError} MsQuic refuses the value.
   */
  setParam(name: keyof typeof Param, value: Uint8Array<ArrayBuffer> | DataView<ArrayBuffer>): void {
    const { api } = this.runtime;
    this.check(
      `SetParam ${name}`,
      api.SetParam(this.pointer, Param[name], value.byteLength, value),
    );
  }

  /**
   * Reads one of its parameters.
   *
   * @param value Where to: as long as the parameter is.
   * @throws {MsQuicError} MsQuic does not tell.
   */
  getParam<Value extends Uint16Array<ArrayBuffer> | DataView<ArrayBuffer>>(
    name: keyof typeof Param,
    value: Value,
  ): Value {
    parameterLength[0] = value.byteLength;
    const { api } = this.runtime;
    const status = api.GetParam(this.pointer, Param[name], parameterLength, value);
    this.check(`GetParam ${name}`, status);
    return value;
  }

  /** @throws {MsQuicError} If `status`, of `operation` on this handle, is a failure. */
  check(operation: string, status: number, detail?: string): void {
    if (failed(status)) throw this.error(operation, status, detail);
  }

  /** The error for `operation` on this handle, which has failed with `status`. */
  error(operation: string, status: number, detail?: string): MsQuicError {
    return new MsQuicError(operation, status, { handle: this.traceName, detail });
  }

  /** For MsQuic. */
  handleEvent(event: EventView): number {
    return this.#owner!.handleEvent(event);
  }

  /** For MsQuic's dispatcher. */
  handleFailure(): void {
    this.#owner?.handleFailure();
  }
}

// It waits for what only polling does, so it runs on another thread while the loop goes on.
async function closeListener({ api, loop }: Runtime, pointer: Deno.PointerValue): Promise<void> {
  const closing = api.ListenerClose(pointer);
  loop.flush();
  await closing;
  await loop.turned(); // the socket is closed by a completion
}
