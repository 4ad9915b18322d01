import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { TicketKeys } from "../../../manager/supervision/ticket_keys.ts";
import type { WorkerSlot } from "../../../manager/supervision/worker_slot.ts";

/** A worker's place that notes what it is told. */
class FakeSlot {
  readonly told: string[] = [];

  constructor(readonly state: string) {}

  tellTicketKey(key: string): void {
    this.told.push(key);
  }

  get as(): WorkerSlot {
    return this as unknown as WorkerSlot;
  }
}

Deno.test("TicketKeys tells all workers that are ready the same key, and another one after a while", async () => {
  const [one, two, starting] = ["ready", "ready", "starting"].map((state) => new FakeSlot(state));
  using keys = new TicketKeys(() => [one!.as, two!.as, starting!.as], 20);
  keys.tell();
  assert.match(one!.told[0]!, /^[0-9a-f]{96}$/);
  assert.deepEqual(two!.told, one!.told);
  for (let waited = 0; one!.told.length < 2 && waited < 5000; waited += 5) await delay(5);
  assert.notEqual(one!.told[1], one!.told[0]);
  assert.equal(two!.told[1], one!.told[1]);
  assert.deepEqual(starting!.told, []);
});
