import assert from "node:assert/strict";
import * as v from "valibot";
import { connect } from "../../client/mod.ts";
import { builtinHandlers, defineHandler, HandlerRegistry } from "../../handlers/messages/mod.ts";
import { defineMessage } from "../../protocol/mod.ts";
import { LatePool } from "../../tasks/mod.ts";
import { waitFor } from "../e2e/harness.ts";
import { withServer } from "../fixtures/server.ts";
import oddTask from "../tasks/odd_task.ts";

const compute = defineMessage({
  type: 0x8000,
  name: "test.compute",
  request: v.object({ do: v.picklist(["return", "loop", "look", "crash"]) }),
  response: v.object({ answer: v.string() }),
});

/** Enough for a task to begin. */
const DEADLINE_MS = 500;

const computing = defineHandler(compute, async (request, { tasks, signal }) => {
  const input = request.do === "return" ? { do: request.do, value: "done" } as const : request;
  const options = request.do === "loop" ? { deadlineMs: DEADLINE_MS } : { signal };
  const answer = await tasks.run(oddTask, input as Parameters<typeof oddTask.run>[0], options);
  return { answer: answer as string };
});

Deno.test("Handlers have tasks done beside the loop, and one that goes wrong costs its request", async () => {
  const failures: unknown[] = [];
  const handlers = new HandlerRegistry([...builtinHandlers(), computing]);
  const onError = (error: unknown) => void failures.push(error);
  await withServer(async ({ server, token, fingerprint, running }) => {
    await using client = await connect({ server, token, fingerprint });
    assert.equal(running.taskFigures.threads, 0);
    assert.deepEqual(await client.call(compute, { do: "return" }), { answer: "done" });
    const looping = assert.rejects(client.call(compute, { do: "loop" }), { code: "internal" });
    await waitFor("its begin", () => running.taskFigures.tasks["test.odd"]?.running === 1);
    await client.ping(); // while the loop goes on
    await looping;
    await assert.rejects(client.call(compute, { do: "crash" }), { code: "internal" });
    assert.deepEqual(await client.call(compute, { do: "return" }), { answer: "done" });
    const codes = failures.map((error) => Object(error).code);
    assert.deepEqual(codes, ["task-deadline", "task-thread-lost"]);
  }, { handlers, onError, taskThreads: 1 });
});

Deno.test("A client that gives up has its task given up, and its thread goes on", async () => {
  const handlers = new HandlerRegistry([...builtinHandlers(), computing]);
  await withServer(async ({ server, token, fingerprint, running }) => {
    await using client = await connect({ server, token, fingerprint });
    const end = new AbortController();
    const looking = client.call(compute, { do: "look" }, { signal: end.signal });
    await waitFor("its begin", () => running.taskFigures.tasks["test.odd"]?.running === 1);
    end.abort(new Error("Enough"));
    await assert.rejects(looking, /Enough/);
    await waitFor("its end", () => running.taskFigures.tasks["test.odd"]?.cancelled === 1);
    assert.deepEqual(await client.call(compute, { do: "return" }), { answer: "done" });
  }, { handlers, taskThreads: 1, onError: () => {} });
});

Deno.test("A server that closes ends tasks; without any it never loads threads", async () => {
  const pool = new LatePool({ threads: 1 });
  await pool[Symbol.asyncDispose]();
  await assert.rejects(pool.run(oddTask, { do: "wait" }), { code: "tasks-closed" });
  const used = new LatePool({ threads: 1 });
  const waiting = assert.rejects(used.run(oddTask, { do: "wait" }), { code: "tasks-closed" });
  await used[Symbol.asyncDispose]();
  await waiting;
  assert.equal(used.figures.threads, 0);
});
