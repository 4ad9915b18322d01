import { getLogger } from "@logtape/logtape";
import { ByteSlab } from "../memory/byte_slab.ts";
import { Damper } from "./events/damper.ts";
import { EventLoop } from "./events/event_loop.ts";
import {
  ConnectionEvent,
  ExecutionProfile,
  failed,
  ListenerEvent,
  Param,
  RegistrationConfig,
  Status,
  StreamEvent,
} from "./abi/mod.ts";
import type { Api } from "./api.ts";
import { MsQuicError } from "./errors.ts";
import { type EventView, EventViews } from "./event_view.ts";
import { HandleTable } from "./handle_table.ts";
import { allocStruct, HandleOut, NativeScope } from "./native_memory.ts";
import { type MajorMinor, type OpenedLibrary, versionIsAtLeast } from "./open_library.ts";
import { SendSlots } from "./send_slots.ts";
import { trafficReader } from "./traffic.ts";

/** The kinds of handles that are opened and closed while MsQuic runs. */
export type HandleKind = "listener" | "connection" | "stream" | "configuration";

/** What MsQuic's events of one handle are delivered to. */
export interface EventSink {
  /** Who it is in logs and errors. */
  readonly traceName: string;
  /** Handles an event, while MsQuic waits for the returned `QUIC_STATUS`. */
  handleEvent(event: EventView): number;
  /** Told that {@linkcode EventSink.handleEvent} threw: ends what it can no longer answer for. */
  handleFailure(): void;
}

/** What hands over small sends together. */
export interface Gathering {
  /** Who it is in logs and errors. */
  readonly traceName: string;
  sendBatch(): void;
  /** Told that {@linkcode Gathering.sendBatch} threw. */
  handleFailure(): void;
}

/** What acknowledges when no more comes. */
export interface Acknowledging {
  /** Who it is in logs and errors. */
  readonly traceName: string;
  /**
   * Told of the end of each turn of the event loop.
   *
   * @param quiet Whether it is the last one before the loop parks.
   * @returns Whether it has to be told of the next one; and if not, whether it has called MsQuic.
   */
  afterTurn(quiet: boolean): "more" | "done" | "sent";
  /** Told that {@linkcode Acknowledging.afterTurn} threw. */
  handleFailure(): void;
}

const PROFILES = {
  "low-latency": ExecutionProfile.LOW_LATENCY,
  "max-throughput": ExecutionProfile.TYPE_MAX_THROUGHPUT,
} as const;

/** What MsQuic can optimise a registration for. */
export type Profile = keyof typeof PROFILES;

/** From this version on, `ConnectionClose` waits for a poll. */
const CLOSE_WAITS_SINCE: MajorMinor = [2, 6];

/** `QUIC_PARAM_CONN_CLOSE_ASYNC`, a `uint8_t`; not in the headers of 2.5. */
const CONN_CLOSE_ASYNC = 0x0500001a;
const YES = new Uint8Array([1]);

const CALLBACK = {
  parameters: [
    "u32", // HQUIC: not needed, the context says who it is (its lower half is all that is read)
    "u32", // void* Context: a number of a HandleTable
    "u64", // QUIC_…_EVENT* Event
  ],
  result: "u32",
} as const satisfies Deno.UnsafeCallbackDefinition;

/**
 * A loaded MsQuic and the event loop that drives it: one per process, since MsQuic keeps its state
 * per process.
 *
 * It stays loaded until the process exits, and so do its registrations. In custom execution MsQuic 2.5
 * frees what polling looks at while it is still needed (`RegistrationClose` the workers that stay in
 * the poll's list, `MsQuicClose` the execution itself), so there is no moment at which either could
 * be called safely. What stays is a few kilobytes, and no thread.
 */
export class Runtime {
  readonly path: string;
  readonly version: string;
  readonly api: Api;
  readonly loop: EventLoop;
  /** Where MsQuic writes the handle of a stream that it opens, read at once. */
  readonly handleOut = new HandleOut();
  readonly sends = new SendSlots();
  /** For the copies of what was received. */
  readonly received = new ByteSlab();
  /** For small sends that were put together. */
  readonly outgoing = new ByteSlab();
  /** Who has something to hand over before MsQuic is polled next. */
  readonly gathering: Gathering[] = [];
  /** To whom something long has come that may have to be acknowledged. */
  readonly acknowledging: Acknowledging[] = [];
  /** Whose events come with which number. */
  readonly handles: Record<HandleKind, HandleTable<EventSink>> = {
    listener: new HandleTable(),
    connection: new HandleTable(),
    stream: new HandleTable(),
    configuration: new HandleTable(),
  };
  /** Whether `ConnectionClose` would wait for a poll. */
  readonly #closeWaits: boolean;
  readonly #registrations = new Map<Profile, Deno.PointerValue>();
  /** What MsQuic calls for each kind of handle; a configuration has no events. Never closed. */
  readonly callbacks: Record<HandleKind, Deno.PointerValue> = {
    listener: this.#callback("listener", ListenerEvent.size),
    connection: this.#callback("connection", ConnectionEvent.size),
    stream: this.#callback("stream", StreamEvent.size),
    configuration: null,
  };

  constructor(opened: OpenedLibrary) {
    const { api, execution } = opened;
    this.path = opened.path;
    this.version = opened.version;
    this.api = api;
    this.#closeWaits = versionIsAtLeast(opened.version, CLOSE_WAITS_SINCE);
    const poll = () => {
      this.#handOver();
      return api.ExecutionPoll(execution);
    };
    const damper = new Damper(trafficReader(api));
    this.loop = new EventLoop(opened.queue, poll, damper, (quiet) => this.#acknowledge(quiet));
  }

  /** MsQuic's registration for a profile, opened when it is first asked for. */
  registration(profile: Profile): Deno.PointerValue {
    const handle = this.#registrations.get(profile) ?? openRegistration(this.api, profile);
    this.#registrations.set(profile, handle);
    return handle;
  }

  /**
   * Sets the key that stateless resets are made with (RFC 9000 section 10.3), for all of the process.
   *
   * @param key 32 bytes.
   */
  setStatelessResetKey(key: Uint8Array<ArrayBuffer>): void {
    // MsQuic takes it only once there is a registration.
    this.registration("low-latency");
    const { GLOBAL_STATELESS_RESET_KEY } = Param;
    const status = this.api.SetParam(null, GLOBAL_STATELESS_RESET_KEY, key.byteLength, key);
    if (failed(status)) throw new MsQuicError("SetParam GLOBAL_STATELESS_RESET_KEY", status);
  }

  /**
   * Closes the handle of a connection, and does not wait for it.
   *
   * From version 2.6 on, MsQuic does so at once only inside of the connection's own events. Elsewhere it
   * waits for the next poll, which this thread makes: for ever, unless it is told not to wait.
   */
  closeConnection(handle: Deno.PointerValue): void {
    if (this.#closeWaits) {
      const status = this.api.SetParam(handle, CONN_CLOSE_ASYNC, 1, YES);
      if (failed(status)) return reportOpenHandle(status);
    }
    this.api.ConnectionClose(handle);
    this.loop.flush();
  }

  /** @returns Whether there is something to send. */
  #acknowledge(quiet: boolean): boolean {
    if (this.acknowledging.length === 0) return false;
    let sent = false;
    let kept = 0;
    for (const one of this.acknowledging) {
      try {
        const is = one.afterTurn(quiet);
        if (is === "more") this.acknowledging[kept++] = one;
        sent ||= is === "sent";
      } catch (error) {
        reportFailure(one, error);
      }
    }
    this.acknowledging.length = kept;
    return sent;
  }

  /** The one callback per kind of handle: finds whose event it is, and never lets an error out. */
  #callback(kind: HandleKind, eventSize: number): Deno.PointerObject {
    const sinks = this.handles[kind];
    const events = new EventViews(eventSize);
    return new Deno.UnsafeCallback(CALLBACK, (_handle, context, address): number => {
      const sink = sinks.get(context);
      if (sink === undefined || address === 0n) return Status.INVALID_STATE;
      this.loop.stir();
      try {
        return sink.handleEvent(events.enter(address));
      } catch (error) {
        // What leaves a callback as an exception would count as success for MsQuic.
        reportFailure(sink, error);
        return Status.INTERNAL_ERROR;
      } finally {
        events.leave();
      }
    }).pointer;
  }

  /** Nothing that fails here may keep the others, or the loop, from going on. */
  #handOver(): void {
    if (this.gathering.length === 0) return;
    for (const stream of this.gathering) {
      try {
        stream.sendBatch();
      } catch (error) {
        reportFailure(stream, error);
      }
    }
    this.gathering.length = 0;
  }
}

function reportFailure(
  failed: { readonly traceName: string; handleFailure(): void },
  error: unknown,
): void {
  const logger = getLogger(["msquicd", "ffi"]);
  const { traceName: handle } = failed;
  try {
    const message = "An event of {handle} could not be handled; its connection ends: {error}";
    logger.error(message, { handle, error });
    failed.handleFailure();
  } catch (failure) {
    logger.error("Cannot end {handle}, an event of which failed: {failure}", { handle, failure });
  }
}

// Better a handle that stays open than a thread that waits for itself.
function reportOpenHandle(status: number): void {
  const error = new MsQuicError("SetParam CONN_CLOSE_ASYNC", status);
  getLogger(["msquicd", "ffi"]).error("Cannot close a connection's handle: {error}", { error });
}

function openRegistration(api: Api, profile: Profile): Deno.PointerValue {
  using scope = new NativeScope();
  const config = allocStruct(RegistrationConfig.size);
  config.setBigUint64(RegistrationConfig.AppName, scope.cString("msquicd"), true);
  config.setUint32(RegistrationConfig.ExecutionProfile, PROFILES[profile], true);
  const registration = new HandleOut();
  const status = api.RegistrationOpen(config, registration.buffer);
  if (failed(status)) throw new MsQuicError("RegistrationOpen", status);
  return registration.pointer;
}
