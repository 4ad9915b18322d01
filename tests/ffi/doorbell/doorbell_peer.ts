/** Opens the memory named, waits for its first doorbell and answers each ring on its second. */
import { Doorbell, DOORBELL_BYTES, SharedMemory } from "../../../ffi/mod.ts";

const [name = "", rounds = "0"] = Deno.args;
using memory = SharedMemory.open(name);
await using asked = Doorbell.open(memory, 0);
await using answered = Doorbell.open(memory, DOORBELL_BYTES);
answered.ring();
for (let round = 0; round < Number(rounds); round++) {
  await asked.wait();
  answered.ring();
}
