import assert from "node:assert/strict";
import { orAborted } from "../../client/waiting.ts";

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
      await new Promise((resolve) => setTimeout(resolve));
      assert.deepEqual(unhandled, [], `aborted ${early ? "before" : "while"} it waits`);
    }
  } finally {
    removeEventListener("unhandledrejection", note);
  }
});
