import assert from "node:assert/strict";
import { Deadline, delay, orAborted, settlesWithin, whenAborted } from "../../base/mod.ts";

Deno.test("orAborted() leaves no rejection unhandled, whenever its signal is aborted", async () => {
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  addEventListener("unhandledrejection", note);
  try {
    for (const early of [true, false]) {
      const controller = new AbortController();
      const reading = Promise.withResolvers<never>();
      if (early) controller.abort("stopped");
      const waiting = assert.rejects(orAborted(reading.promise, controller.signal), (reason) => {
        return reason === "stopped";
      });
      controller.abort("stopped");
      await waiting;
      reading.reject(new Error("operation canceled"));
      await delay(0);
      assert.deepEqual(unhandled, [], `aborted ${early ? "before" : "while"} it waits`);
    }
  } finally {
    removeEventListener("unhandledrejection", note);
  }
});

Deno.test("delay() ends with its signal's reason, and leaves no timer behind", async () => {
  const controller = new AbortController();
  const waiting = assert.rejects(
    delay(60_000, controller.signal),
    (reason) => reason === "stopped",
  );
  controller.abort("stopped");
  await waiting;
  await assert.rejects(delay(60_000, controller.signal), (reason) => reason === "stopped");
  await delay(0, new AbortController().signal);
});

Deno.test("settlesWithin() says whether a promise was settled in time, either way", async () => {
  assert.equal(await settlesWithin(Promise.resolve(), 60_000), true);
  assert.equal(await settlesWithin(Promise.reject(new Error("no")), 60_000), true);
  assert.equal(await settlesWithin(new Promise(() => {}), 1), false);
});

Deno.test("whenAborted() resolves with the first of its signals, whichever that is", async () => {
  for (const index of [0, 1, 2]) {
    const controllers = Array.from({ length: 3 }, () => new AbortController());
    const aborted = whenAborted(...controllers.map(({ signal }) => signal));
    assert.equal(await settlesWithin(aborted, 1), false);
    controllers[index]?.abort();
    await aborted;
    await whenAborted(...controllers.map(({ signal }) => signal));
  }
});

Deno.test("Deadline aborts with its own reason, or with that of the signal it follows", async () => {
  using late = new Deadline(1, () => new Error("late"));
  await whenAborted(late.signal);
  assert.equal(late.signal.reason.message, "late");
  const controller = new AbortController();
  using followed = new Deadline(60_000, () => new Error("late"), controller.signal);
  controller.abort("stopped");
  assert.equal(followed.signal.reason, "stopped");
});
