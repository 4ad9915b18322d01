import { getSystemErrorName } from "node:util";
import { systemReason } from "../../base/mod.ts";
import type { Addresses, Callable } from "./callable.ts";
import { elfLibrary } from "./elf_library.ts";
import { errno, libc } from "./libc.ts";
import { noteSlowCalls } from "./slow_calls.ts";

const windows = Deno.build.os === "windows" ? await import("./jumps_windows.ts") : undefined;

// linux/memfd.h. Kernels before 6.3 do not know the second; some newer ones allow nothing else.
const MFD_CLOEXEC = 1;
const MFD_NOEXEC_SEAL = 8;

/**
 * Makes functions at known addresses callable.
 *
 * Deno compiles a call of a library's symbol to machine code (6 ns), but takes its signature apart anew
 * for each call of a bare function pointer (about 1 µs; Deno 2.6 to 2.9). So a library is made up that has
 * the addresses as its symbols, or, on Windows, jumps to them. It stays loaded until the process exits.
 * Where the system forbids that, it says so in the log, and calls the pointers.
 *
 * @throws {TypeError} If an address is 0.
 */
export function callable<Signatures extends Deno.ForeignLibraryInterface>(
  signatures: Signatures,
  addresses: Addresses<Signatures>,
): Callable<Signatures> {
  for (const [name, address] of Object.entries(addresses)) {
    if (address === 0n) throw new TypeError(`Cannot call ${name}: its address is 0`);
  }
  if (Deno.build.os !== "linux" && windows === undefined) {
    return fromPointers(signatures, addresses);
  }
  try {
    return windows === undefined
      ? fromLibrary(signatures, addresses)
      : windows.fromJumps(signatures, addresses);
  } catch (error) {
    noteSlowCalls(error);
    return fromPointers(signatures, addresses);
  }
}

/** @throws {Error} Where the system forbids to load a library from memory. */
function fromLibrary<Signatures extends Deno.ForeignLibraryInterface>(
  signatures: Signatures,
  addresses: Addresses<Signatures>,
): Callable<Signatures> {
  using acquired = new DisposableStack();
  const fd = acquired.adopt(memoryFile(), (fd) => libc.close(fd));
  const path = `/proc/self/fd/${fd}`;
  Deno.writeFileSync(path, elfLibrary(addresses));
  const library = Deno.dlopen(path, signatures);
  // The descriptor stays open: a loader that knows a path does not look at what is there now.
  acquired.move();
  return library.symbols;
}

function memoryFile(): number {
  const name = new TextEncoder().encode("msquicd\0");
  const sealed = libc.memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
  const fd = sealed >= 0 ? sealed : libc.memfd_create(name, MFD_CLOEXEC);
  if (fd >= 0) return fd;
  const reason = systemReason(getSystemErrorName(-errno()));
  throw new Error(`memfd_create: ${reason}`);
}

/** The same, slower, without any help of the system. */
export function fromPointers<Signatures extends Deno.ForeignLibraryInterface>(
  signatures: Signatures,
  addresses: Addresses<Signatures>,
): Callable<Signatures> {
  const functions = Object.entries(addresses).map(([name, address]) => {
    const pointer = Deno.UnsafePointer.create<Deno.ForeignFunction>(BigInt(address as bigint));
    const definition = signatures[name] as Deno.ForeignFunction;
    const callee = new Deno.UnsafeFnPointer(pointer!, definition);
    return [name, callee.call.bind(callee)];
  });
  return Object.fromEntries(functions) as Callable<Signatures>;
}
