import { writeFileSync } from "node:fs";
import { elfLibrary } from "./elf_library.ts";

/** Functions by name, as `Deno.dlopen` would give them. */
export type Callable<Signatures extends Deno.ForeignLibraryInterface> = Deno.DynamicLibrary<
  Signatures
>["symbols"];

/** Functions that are known by their address alone. */
export type Addresses<Signatures> = Readonly<Record<keyof Signatures & string, bigint>>;

// linux/memfd.h. Kernels before 6.3 do not know the second; some newer ones allow nothing else.
const MFD_CLOEXEC = 1;
const MFD_NOEXEC_SEAL = 8;

const libcSymbols = {
  memfd_create: {
    parameters: [
      "buffer", // const char *name
      "u32", // unsigned int flags
    ],
    result: "i32",
  },
  close: {
    parameters: [
      "i32", // int fd
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * Makes functions at known addresses callable.
 *
 * Deno compiles a call of a library's symbol to machine code (6 ns), but takes its signature apart anew
 * for each call of a bare function pointer (about 1 µs; Deno 2.6 to 2.9). So on Linux a library
 * is made up that has the addresses as its symbols. It stays loaded until the process exits.
 */
export function callable<Signatures extends Deno.ForeignLibraryInterface>(
  signatures: Signatures,
  addresses: Addresses<Signatures>,
): Callable<Signatures> {
  const symbols = Deno.build.os === "linux" ? fromLibrary(signatures, addresses) : undefined;
  return symbols ?? fromPointers(signatures, addresses);
}

/** `undefined` where the system forbids to load a library from memory. */
function fromLibrary<Signatures extends Deno.ForeignLibraryInterface>(
  signatures: Signatures,
  addresses: Addresses<Signatures>,
): Callable<Signatures> | undefined {
  const libc = Deno.dlopen("libc.so.6", libcSymbols);
  const name = new TextEncoder().encode("msquicd\0");
  let fd = libc.symbols.memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
  if (fd < 0) fd = libc.symbols.memfd_create(name, MFD_CLOEXEC);
  try {
    const path = `/proc/self/fd/${fd}`;
    writeFileSync(path, elfLibrary(addresses));
    // The descriptor stays open: a loader that knows a path does not look at what is there now.
    return Deno.dlopen(path, signatures).symbols;
  } catch {
    if (fd >= 0) libc.symbols.close(fd);
    return undefined;
  } finally {
    libc.close();
  }
}

/** The same, slower, without any help of the system. */
export function fromPointers<Signatures extends Deno.ForeignLibraryInterface>(
  signatures: Signatures,
  addresses: Addresses<Signatures>,
): Callable<Signatures> {
  const functions = Object.entries(addresses).map(([name, address]) => {
    const pointer = Deno.UnsafePointer.create<Deno.ForeignFunction>(BigInt(address as bigint));
    if (pointer === null) throw new TypeError(`Cannot call ${name}: its address is 0`);
    const definition = signatures[name] as Deno.ForeignFunction;
    const callee = new Deno.UnsafeFnPointer(pointer, definition);
    return [name, callee.call.bind(callee)];
  });
  return Object.fromEntries(functions) as Callable<Signatures>;
}
