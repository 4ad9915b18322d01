import type { EventQueue } from "./events/event_queue.ts";
import { openEventQueue } from "./events/open_event_queue.ts";
import { API_VERSION, ExecutionConfig, failed, Param } from "./abi/mod.ts";
import { type Api, wrapApiTable } from "./api.ts";
import { LibraryLoadError, LibraryVersionError, MsQuicError } from "./errors.ts";
import { allocStruct, HandleOut } from "./native_memory.ts";
import { howToGetIt } from "./locate.ts";

/** The first two parts of a version. */
export type MajorMinor = readonly [major: number, minor: number];

/** The oldest version that can be driven from one thread ("custom execution"). */
const OLDEST_VERSION: MajorMinor = [2, 5];

/** The versions that the tests of this project have been run with. */
export const TESTED_VERSIONS: readonly string[] = ["2.5.1", "2.5.10", "2.6.0"];

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

type MsQuicLibrary = Deno.DynamicLibrary<typeof entryPoints>;

/** MsQuic, loaded, and what it is driven with: all of it stays until the process exits. */
export interface OpenedLibrary {
  readonly path: string;
  readonly version: string;
  readonly api: Api;
  readonly queue: EventQueue;
  /** The address of the `QUIC_EXECUTION`. */
  readonly execution: BigUint64Array<ArrayBuffer>;
}

/**
 * Loads MsQuic, with an event queue that it is to be driven by. What fails leaves nothing loaded.
 *
 * @throws {LibraryLoadError} If the file is not one that can be loaded.
 * @throws {LibraryVersionError} If it is older than 2.5.
 */
export function openMsQuic(path: string): OpenedLibrary {
  using acquired = new DisposableStack();
  const library = acquired.adopt(openLibrary(path), (library) => library.close());
  const table = openTable(library, path);
  // Nothing has used it yet: only then may it be closed.
  acquired.defer(() => library.symbols.MsQuicClose(table));
  const api = wrapApiTable(table);
  const version = readVersion(api, path);
  const queue = acquired.use(openEventQueue());
  const execution = createExecution(api, queue.address);
  acquired.move();
  return { path, version, api, queue, execution };
}

function openTable(library: MsQuicLibrary, path: string): Deno.PointerObject {
  const table = new HandleOut();
  const status = library.symbols.MsQuicOpenVersion(API_VERSION, table.buffer);
  if (failed(status)) {
    throw new MsQuicError("MsQuicOpenVersion", status, { detail: `library ${path}` });
  }
  return table.pointer!;
}

function openLibrary(path: string): MsQuicLibrary {
  try {
    return Deno.dlopen(path, entryPoints);
  } catch (error) {
    const reason = whyNotLoaded(error instanceof Error ? error.message : String(error), path);
    throw new LibraryLoadError(`Cannot load libmsquic from ${path}: ${reason}; ${howToGetIt()}`);
  }
}

/** What the system says about it, without the runtime's own words and the path once more. */
function whyNotLoaded(message: string, path: string): string {
  if (message.startsWith("Failed to register symbol")) {
    return "it is another library, without a function MsQuicOpenVersion";
  }
  const said = message.replace(/^(Could not open library: )+/, "");
  return said.startsWith(`${path}: `) ? said.slice(path.length + 2) : said;
}

function readVersion(api: Api, path: string): string {
  const value = new Uint32Array(4);
  const length = new Uint32Array([value.byteLength]);
  const status = api.GetParam(null, Param.GLOBAL_LIBRARY_VERSION, length, value);
  if (failed(status)) throw new MsQuicError("GetParam GLOBAL_LIBRARY_VERSION", status);
  const [major = 0, minor = 0, patch = 0] = value;
  const version = `${major}.${minor}.${patch}`;
  if (!versionIsAtLeast(version, OLDEST_VERSION)) {
    throw new LibraryVersionError(
      `Cannot use libmsquic ${version} from ${path}: ${OLDEST_VERSION.join(".")} or newer is ` +
        `needed; ${howToGetIt()}`,
    );
  }
  return version;
}

/** Whether a version like `2.5.1` is that one or a later one. */
export function versionIsAtLeast(version: string, [wantedMajor, wantedMinor]: MajorMinor): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function createExecution(api: Api, eventQueue: bigint): BigUint64Array<ArrayBuffer> {
  const config = allocStruct(ExecutionConfig.size);
  config.setBigUint64(ExecutionConfig.EventQ, eventQueue, true);
  const execution = new HandleOut();
  const status = api.ExecutionCreate(0, 0, 1, config, execution.buffer);
  if (failed(status)) throw new MsQuicError("ExecutionCreate", status);
  return execution.buffer;
}
