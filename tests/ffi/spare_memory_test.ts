import { releaseSpareMemory } from "../../ffi/spare_memory.ts";

Deno.test("releaseSpareMemory() does what it can, several times at once, and leaves nothing open", async () => {
  await Promise.all([releaseSpareMemory(), releaseSpareMemory()]);
  await releaseSpareMemory();
});
