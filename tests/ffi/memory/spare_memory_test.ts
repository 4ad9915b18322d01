import assert from "node:assert/strict";
import { releaseSpareMemory } from "../../../ffi/memory/spare_memory.ts";
import "../../fixtures/loaded_libc.ts";

const CHUNKS = 512;
/** Below the size from which the C library asks the system for each piece of memory alone. */
const CHUNK_BYTES = 64 * 1024;

const SYMBOLS = {
  malloc: { parameters: ["usize"], result: "pointer" },
  memset: { parameters: ["pointer", "i32", "usize"], result: "pointer" },
  free: { parameters: ["pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

Deno.test({
  name: "releaseSpareMemory() gives back what was freed, also several times at once",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const libc = Deno.dlopen("libc.so.6", SYMBOLS);
  using _ = { [Symbol.dispose]: () => libc.close() };
  const { malloc, memset, free } = libc.symbols;
  const chunks = Array.from(
    { length: CHUNKS },
    () => memset(malloc(BigInt(CHUNK_BYTES)), 1, BigInt(CHUNK_BYTES)),
  );
  // The C library gives back by itself what lies at the end: something that stays lies behind all.
  const last = malloc(BigInt(CHUNK_BYTES));
  for (const chunk of chunks) free(chunk);
  const before = Deno.memoryUsage().rss;
  await Promise.all([releaseSpareMemory(), releaseSpareMemory()]);
  await releaseSpareMemory();
  const given = before - Deno.memoryUsage().rss;
  free(last);
  assert.ok(given > CHUNKS * CHUNK_BYTES / 2, `gave back ${given} bytes`);
});
