import assert from "node:assert/strict";
import fc from "fast-check";
import { TASK_PRIORITIES, type TaskPriority, TaskQueue } from "../../tasks/task_queue.ts";

const priority = fc.constantFrom(...TASK_PRIORITIES);
const step = fc.oneof(
  fc.record({ type: fc.constant("add" as const), priority }),
  fc.record({ type: fc.constant("take" as const) }),
  fc.record({ type: fc.constant("delete" as const), index: fc.nat(40) }),
);

interface Item {
  readonly priority: TaskPriority;
}

Deno.test("A queue gives out the highest priority first, then who came first, and has a bound", () => {
  fc.assert(fc.property(fc.nat(8), fc.array(step, { maxLength: 60 }), (limit, steps) => {
    const queue = new TaskQueue<Item>(limit);
    const known: Item[] = [];
    let model: Item[] = [];
    for (const step of steps) {
      if (step.type === "add") {
        const item = { priority: step.priority };
        known.push(item);
        const room = model.length < limit;
        assert.equal(queue.add(item, item.priority), room);
        if (room) model.push(item);
      } else if (step.type === "take") {
        const first = TASK_PRIORITIES.flatMap((one) =>
          model.filter(({ priority }) => priority === one)
        )[0];
        assert.equal(queue.take(), first);
        model = model.filter((item) => item !== first);
      } else {
        const item = known[step.index];
        if (item === undefined) continue;
        assert.equal(queue.delete(item, item.priority), model.includes(item));
        model = model.filter((other) => other !== item);
      }
      assert.equal(queue.size, model.length);
    }
  }));
});
