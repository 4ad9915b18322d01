import { createHash } from "node:crypto";
import type { Addresses, Callable } from "./callable.ts";
import { jumpLibrary, TABLE_FUNCTION } from "./jump_library.ts";
import { unpackDirectories } from "./unpack_directories.ts";
import { type CarriedLibrary, unpackLibrary } from "./unpack_library.ts";

const TABLE = { [TABLE_FUNCTION]: { parameters: [], result: "pointer" } } as const;

/** The addresses that are in the tables of the libraries that are loaded, by their paths. */
const filled = new Map<string, string>();

/**
 * Makes functions at known addresses callable by a library of jumps. A library cannot be loaded from memory
 * on Windows, so it is unpacked as MsQuic is: its bytes are always the same, and checked.
 *
 * @throws {Error} It can be unpacked or loaded nowhere, or has other addresses in it already.
 */
export function fromJumps<Signatures extends Deno.ForeignLibraryInterface>(
  signatures: Signatures,
  addresses: Addresses<Signatures>,
): Callable<Signatures> {
  if (Deno.build.arch !== "x86_64") throw new Error(`there is none for ${Deno.build.arch}`);
  const names = Object.keys(addresses).sort();
  const values = BigUint64Array.from(names, (name) => addresses[name]!);
  const path = unpackLibrary(carried(names), unpackDirectories());
  const before = filled.get(path);
  if (before !== undefined && before !== values.join()) {
    throw new Error("one with the same names jumps to other addresses");
  }
  // It stays loaded until the process exits.
  const { symbols } = Deno.dlopen(path, { ...signatures, ...TABLE });
  const table = (symbols[TABLE_FUNCTION] as () => Deno.PointerValue)();
  if (table === null) throw new Error("its table is nowhere");
  const memory = Deno.UnsafePointerView.getArrayBuffer(table, values.byteLength);
  new BigUint64Array(memory).set(values);
  filled.set(path, values.join());
  return symbols as Callable<Signatures>;
}

function carried(names: readonly string[]): CarriedLibrary {
  const bytes = jumpLibrary(names);
  return {
    what: "the library of jumps",
    fileName: "jumps.dll",
    sha256: createHash("sha256").update(bytes).digest("hex"),
    size: bytes.length,
    read: () => bytes,
    tryOut: (path) => Deno.dlopen(path, TABLE).close(),
    advice: "mend that, and calls take 6 ns",
  };
}
