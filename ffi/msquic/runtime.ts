import { getLogger } from "@logtape/logtape";
import { ByteSlab } from "../byte_slab.ts";
import { EventLoop } from "../event_loop/event_loop.ts";
import { openEventQueue } from "../event_loop/event_queue.ts";
import {
  API_VERSION,
  ExecutionConfig,
  ExecutionProfile,
  failed,
  Param,
  RegistrationConfig,
  Status,
} from "./abi/mod.ts";
import { type Api, wrapApiTable } from "./api.ts";
import { LibraryLoadError, LibraryVersionError, MsQuicError } from "./errors.ts";
import { HandleTable } from "./handle_table.ts";
import { allocStruct, HandleOut, NativeScope } from "./native_memory.ts";
import { SendSlots } from "./send_slots.ts";

/** What MsQuic's events of one handle are delivered to. */
export interface EventSink {
  /** Handles an event, while MsQuic waits for the returned `QUIC_STATUS`. */
  handleEvent(event: Deno.UnsafePointerView): number;
  /** Told that {@linkcode EventSink.handleEvent} threw: ends what it can no longer answer for. */
  handleFailure(): void;
}

/** What hands over small sends together. */
export interface Gathering {
  sendBatch(): void;
}

const PROFILES = {
  "low-latency": ExecutionProfile.LOW_LATENCY,
  "max-throughput": ExecutionProfile.TYPE_MAX_THROUGHPUT,
} as const;

/** What MsQuic can optimise a registration for. */
export type Profile = keyof typeof PROFILES;

/** The oldest version that can be driven from one thread ("custom execution"). */
const OLDEST_VERSION = [2, 5] as const;

const entryPoints = {
  MsQuicOpenVersion: {
    parameters: [
      "u32", // uint32_t Version
      "buffer", // const void** QuicApi
    ],
    result: "u32",
  },
  MsQuicClose: {
    parameters: [
      "pointer", // const void* QuicApi
    ],
    result: "void",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const CALLBACK = {
  parameters: [
    "u32", // HQUIC: not needed, the context says who it is (its lower half is all that is read)
    "u32", // void* Context: a number of a HandleTable
    "pointer", // QUIC_…_EVENT* Event
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
  readonly listeners = new HandleTable<EventSink>();
  readonly connections = new HandleTable<EventSink>();
  readonly streams = new HandleTable<EventSink>();
  readonly #registrations = new Map<Profile, Deno.PointerValue>();
  /** The callbacks to register for each kind of handle. They are never closed. */
  readonly callbacks = {
    listener: callback(this.listeners),
    connection: callback(this.connections),
    stream: callback(this.streams),
  } as const;

  constructor(path: string) {
    this.path = path;
    const table = openTable(path);
    this.api = wrapApiTable(table);
    this.version = readVersion(this.api, path);
    const queue = openEventQueue();
    const execution = createExecution(this.api, queue.address);
    this.loop = new EventLoop(queue, () => {
      this.#handOver();
      return this.api.ExecutionPoll(execution);
    });
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

  #handOver(): void {
    if (this.gathering.length === 0) return;
    for (const stream of this.gathering) stream.sendBatch();
    this.gathering.length = 0;
  }
}

/** The one callback per kind of handle: finds whose event it is, and never lets an error out. */
function callback(sinks: HandleTable<EventSink>): Deno.PointerObject {
  return new Deno.UnsafeCallback(CALLBACK, (_handle, context, event): number => {
    const sink = sinks.get(context);
    if (sink === undefined || event === null) return Status.INVALID_STATE;
    try {
      return sink.handleEvent(new Deno.UnsafePointerView(event));
    } catch (error) {
      // What leaves a callback as an exception would count as success for MsQuic.
      reportFailure(sink, error);
      return Status.INTERNAL_ERROR;
    }
  }).pointer;
}

function reportFailure(sink: EventSink, error: unknown): void {
  const logger = getLogger(["msquicd", "ffi"]);
  try {
    logger.error("A MsQuic event could not be handled; its connection ends: {error}", { error });
    sink.handleFailure();
  } catch (failure) {
    logger.error("Cannot end what an event failed for: {failure}", { failure });
  }
}

function openTable(path: string): Deno.PointerObject {
  const library = openLibrary(path);
  const table = new HandleOut();
  const status = library.symbols.MsQuicOpenVersion(API_VERSION, table.buffer);
  if (failed(status)) {
    library.close();
    throw new MsQuicError("MsQuicOpenVersion", status, `library ${path}`);
  }
  return table.pointer!;
}

function openLibrary(path: string): Deno.DynamicLibrary<typeof entryPoints> {
  try {
    return Deno.dlopen(path, entryPoints);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LibraryLoadError(`Cannot load libmsquic from ${path}: ${reason}`);
  }
}

function readVersion(api: Api, path: string): string {
  const value = new Uint32Array(4);
  const length = new Uint32Array([value.byteLength]);
  const status = api.GetParam(null, Param.GLOBAL_LIBRARY_VERSION, length, value);
  if (failed(status)) throw new MsQuicError("GetParam GLOBAL_LIBRARY_VERSION", status);
  const [major = 0, minor = 0, patch = 0] = value;
  const version = `${major}.${minor}.${patch}`;
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new LibraryVersionError(
      `Cannot use libmsquic ${version} from ${path}: ${OLDEST_VERSION.join(".")} or newer is ` +
        "needed; build it with: deno task native",
    );
  }
  return version;
}

function createExecution(api: Api, eventQueue: bigint): Deno.PointerValue {
  const config = allocStruct(ExecutionConfig.size);
  config.setBigUint64(ExecutionConfig.EventQ, eventQueue, true);
  const execution = new HandleOut();
  const status = api.ExecutionCreate(0, 0, 1, config, execution.buffer);
  if (failed(status)) throw new MsQuicError("ExecutionCreate", status);
  return execution.pointer;
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
