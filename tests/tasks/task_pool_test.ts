import assert from "node:assert/strict";
import { COUNTER_NAMES, type CounterName } from "../../base/mod.ts";
import { defineTask, type TaskFigures } from "../../tasks/mod.ts";
import { TaskPool, type TaskPoolOptions } from "../../tasks/task_pool.ts";
import { waitFor } from "../e2e/harness.ts";
import { withoutDirectory } from "../fixtures/without_directory.ts";
import oddTask, { type OddInput } from "./odd_task.ts";

/** Longer than any test takes. */
const LONG_MS = 60_000;
/** For what is to take too long. */
const SHORT_MS = 300;

class Counted {
  readonly #counts = new Map<CounterName, number>();

  add(name: CounterName, amount: number): void {
    this.#counts.set(name, this.of(name) + amount);
  }

  of(name: CounterName): number {
    return this.#counts.get(name) ?? 0;
  }
}

function newPool(options: Partial<TaskPoolOptions> = {}): TaskPool {
  return new TaskPool({ threads: 1, idleMs: LONG_MS, graceMs: 50, ...options });
}

function figuresOf(pool: TaskPool): Readonly<TaskFigures> | undefined {
  return pool.figures.tasks[oddTask.name];
}

function code(code: string): { code: string } {
  return { code };
}

/** How many threads of the system this process has for tasks; those that are ending among them. */
function systemThreads(): number {
  return Array.from(Deno.readDirSync("/proc/self/task")).filter(({ name }) => {
    try {
      return Deno.readTextFileSync(`/proc/self/task/${name}/comm`).startsWith("worker-");
    } catch {
      return false; // gone meanwhile
    }
  }).length;
}

Deno.test("run() has a task done by another thread, and returns what it returns", async () => {
  using pool = newPool();
  assert.equal(pool.figures.threads, 0); // none before it is needed
  const value = { text: "text", list: [1, 2n, new Date(0)] };
  assert.deepEqual(await pool.run(oddTask, { do: "return", value }), value);
  assert.equal(pool.figures.threads, 1);
  // As a handler without a limit has left.
  assert.equal(await pool.run(oddTask, { do: "return", value: 1 }, { deadlineMs: Infinity }), 1);
});

Deno.test({
  name: "run() has a thread also where the current directory was removed",
  ignore: Deno.build.os === "windows", // where a directory that is in use cannot be removed
  fn: () =>
    withoutDirectory(async () => {
      using pool = newPool();
      assert.equal(await pool.run(oddTask, { do: "return", value: 1 }), 1);
    }),
});

Deno.test("run() rejects with what the task throws, and the thread goes on", async () => {
  using pool = newPool();
  await assert.rejects(pool.run(oddTask, { do: "throw" }), (error: Error) => {
    assert.equal("code" in error && error.code, "task-failed");
    assert.equal(error.message, "Task test.odd failed: Too odd");
    const { name, message, code, stack } = error.cause as Error & { code: string };
    assert.deepEqual([name, message, code], ["RangeError", "Too odd", "odd"]);
    assert.match(stack ?? "", /odd_task\.ts/);
    return true;
  });
  for (const type of ["exit", "close"] as const) {
    await assert.rejects(pool.run(oddTask, { do: type }), /cannot end its thread/);
  }
  const uncloneable = { do: "return", value: () => {} } as const;
  await assert.rejects(pool.run(oddTask, uncloneable), code("task-failed"));
  assert.equal(await pool.run(oddTask, { do: "return", value: 1 }), 1);
  assert.equal(pool.figures.threads, 1);
});

Deno.test("run() says which module does not have the task", async () => {
  using pool = newPool();
  const other = defineTask({
    name: "test.elsewhere",
    module: import.meta.resolve("./not_a_task.ts"),
    run: () => 1,
  });
  await assert.rejects(
    pool.run(other, undefined),
    /not_a_task\.ts is not the task test\.elsewhere/,
  );
  const none = { ...other, module: import.meta.resolve("./no_such_module.ts") };
  await assert.rejects(pool.run(none, undefined), /no_such_module\.ts/);
});

Deno.test("run() hands memory over and shares it, without a copy", async () => {
  using pool = newPool();
  const numbers = new Float64Array([1, 2, 3]);
  const doubling = pool.run(oddTask, { do: "double", numbers }, { transfer: [numbers.buffer] });
  assert.equal(numbers.length, 0);
  assert.deepEqual(await doubling, new Float64Array([2, 4, 6]));
  const word = new Int32Array(new SharedArrayBuffer(4));
  assert.equal(await pool.run(oddTask, { do: "mark", word }), 0);
  assert.equal(word[0], 1);
});

Deno.test("What waits goes by priority, can be cancelled, and has a bound", async () => {
  using pool = newPool({ maxQueued: 3 });
  const end = new AbortController();
  const first = pool.run(oddTask, { do: "wait" }, { signal: end.signal });
  const order: string[] = [];
  const add = async (name: string, priority: "high" | "low", signal?: AbortSignal) => {
    const options = signal === undefined ? { priority } : { priority, signal };
    order.push(await pool.run(oddTask, { do: "return", value: name }, options) as string);
  };
  const gone = new AbortController();
  const low = add("low", "low");
  const cancelled = add("cancelled", "high", gone.signal);
  const high = add("high", "high");
  await assert.rejects(
    pool.run(oddTask, { do: "return", value: 0 }),
    code("task-queue-full"),
  );
  const reason = new Error("No more");
  gone.abort(reason);
  await assert.rejects(cancelled, reason);
  await assert.rejects(pool.run(oddTask, { do: "wait" }, { signal: gone.signal }), reason);
  end.abort(reason);
  await assert.rejects(first, reason);
  await Promise.all([low, high]);
  assert.deepEqual(order, ["high", "low"]);
  assert.equal(pool.figures.threads, 1);
});

Deno.test("A task that waits or looks hears that nobody waits for it, and its thread goes on", async () => {
  let lost = 0;
  using pool = newPool({ onLost: () => lost++ });
  for (const type of ["wait", "look"] as const) {
    const end = new AbortController();
    const running = pool.run(oddTask, { do: type }, { signal: end.signal });
    await waitFor("its begin", () => figuresOf(pool)?.running === 1);
    end.abort(new Error("Enough"));
    await assert.rejects(running, /Enough/);
  }
  assert.equal(await pool.run(oddTask, { do: "return", value: 1 }), 1);
  assert.equal(lost, 0);
  const figures = figuresOf(pool);
  assert.deepEqual([figures?.cancelled, figures?.done, figures?.failed], [2, 1, 0]);
});

Deno.test("A task that is late fails; so does one that has waited for too long", async () => {
  using pool = newPool();
  const late = pool.run(oddTask, { do: "wait" }, { deadlineMs: SHORT_MS });
  const waiting = pool.run(oddTask, { do: "return", value: 1 }, { deadlineMs: SHORT_MS / 2 });
  await Promise.all([
    assert.rejects(waiting, /found no free thread within 150 ms/),
    assert.rejects(late, code("task-deadline")),
  ]);
  assert.equal(await pool.run(oddTask, { do: "return", value: 1 }), 1);
});

Deno.test({
  name: "An endless loop costs its own task, and its thread, which ends",
  ignore: Deno.build.os !== "linux", // where threads can be seen
  async fn() {
    await waitFor("the end of those of other tests", () => systemThreads() === 0);
    const lost: (string | undefined)[] = [];
    {
      using pool = newPool({ threads: 2, onLost: (task, reason) => lost.push(task, reason) });
      const looping = assert.rejects(
        pool.run(oddTask, { do: "loop" }, { deadlineMs: SHORT_MS }),
        code("task-deadline"),
      );
      const beside = pool.run(oddTask, { do: "return", value: "beside" });
      assert.equal(await beside, "beside");
      await looping;
      await waitFor("the end of its thread", () => pool.figures.threads === 1);
      assert.deepEqual(lost, ["test.odd", "it goes on after its deadline"]);
      await waitFor("the end of its loop", () => systemThreads() === 1);
      assert.equal(await pool.run(oddTask, { do: "return", value: 1 }), 1);
    }
    await waitFor("the end of all threads", () => systemThreads() === 0);
  },
});

Deno.test("A thread that crashes is replaced, and only its task fails", async () => {
  const lost: string[] = [];
  using pool = newPool({ threads: 2, onLost: (_, reason) => lost.push(reason) });
  const end = new AbortController();
  const beside = pool.run(oddTask, { do: "wait" }, { signal: end.signal });
  for (const type of ["crash", "reject"] as const) {
    const crashing = assert.rejects(pool.run(oddTask, { do: type }), code("task-thread-lost"));
    const queued = pool.run(oddTask, { do: "return", value: type });
    await crashing;
    assert.equal(await queued, type);
  }
  assert.match(lost.join(), /Out of the blue.*Nobody looks/);
  assert.equal(figuresOf(pool)?.running, 1);
  end.abort(new Error("Enough"));
  await assert.rejects(beside, /Enough/);
});

Deno.test("A thread without work ends after a while, and another is started when it is needed", async () => {
  using pool = newPool({ idleMs: 50 });
  await pool.run(oddTask, { do: "return", value: 1 });
  await waitFor("its end", () => pool.figures.threads === 0);
  assert.equal(await pool.run(oddTask, { do: "return", value: 2 }), 2);
});

Deno.test("A pool that is closed fails what is under way, what waits, and what comes", async () => {
  const pool = newPool();
  const tasks = [
    pool.run(oddTask, { do: "wait" }),
    pool.run(oddTask, { do: "return", value: 1 }),
  ].map((task) => assert.rejects(task, code("tasks-closed")));
  pool[Symbol.dispose]();
  await Promise.all(tasks);
  await assert.rejects(pool.run(oddTask, { do: "return", value: 1 }), code("tasks-closed"));
  assert.equal(pool.figures.threads, 0);
});

Deno.test("What becomes of tasks is counted, and adds up", async () => {
  const counted = new Counted();
  using pool = newPool({ threads: 2, counters: counted });
  const inputs: OddInput[] = Array.from(
    { length: 8 },
    (_, value) => value % 4 === 0 ? { do: "throw" } : { do: "return", value },
  );
  await Promise.allSettled(inputs.map((input) => pool.run(oddTask, input)));
  const figures = figuresOf(pool);
  assert.deepEqual([figures?.done, figures?.failed, figures?.queued, figures?.running], [
    6,
    2,
    0,
    0,
  ]);
  assert.ok(figures !== undefined && figures.waitedMs > 0 && figures.tookMs > 0);
  const names = ["taskThreads", "tasksQueued", "tasksRunning", "tasksDone", "tasksFailed"] as const;
  assert.deepEqual(names.map((name) => counted.of(name)), [2, 0, 0, 6, 2]);
  const micros = Math.round(figures.tookMs * 1000);
  assert.ok(Math.abs(counted.of("taskMicros") - micros) <= 8);
  assert.ok(names.every((name) => COUNTER_NAMES.includes(name)));
});
