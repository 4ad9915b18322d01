import { NativeLibrary } from "../libraries/native_library.ts";

const SYMBOLS = {
  malloc_trim: {
    parameters: [
      "usize", // size_t pad
    ],
    result: "i32",
    nonblocking: true, // takes milliseconds
    optional: true, // glibc's alone
  },
} as const satisfies Deno.ForeignLibraryInterface;

const libc = new NativeLibrary(() => Deno.dlopen("libc.so.6", SYMBOLS));

/**
 * Gives back to the system what the C library holds of freed memory, where it can be asked to
 * (malloc_trim(3)). By itself it gives back only what lies at the end of its first heap, and each thread
 * of the runtime has a heap of its own.
 */
export async function releaseSpareMemory(): Promise<void> {
  if (Deno.build.os !== "linux") return;
  using lease = libc.lease();
  await lease.symbols.malloc_trim?.(0n);
}
