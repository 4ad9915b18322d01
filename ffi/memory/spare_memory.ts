import { libc } from "../libraries/libc.ts";

/**
 * Gives back to the system what the C library holds of freed memory, where it can be asked to
 * (malloc_trim(3)). By itself it gives back only what lies at the end of its first heap, and each thread
 * of the runtime has a heap of its own.
 */
export async function releaseSpareMemory(): Promise<void> {
  if (Deno.build.os !== "linux") return;
  await libc.malloc_trim?.(0n);
}
