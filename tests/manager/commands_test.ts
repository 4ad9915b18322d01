import assert from "node:assert/strict";
import {
  type CommandContext,
  createCommandRegistry,
  defineCommand,
  InvalidParametersError,
  type ManagerStatus,
  UnknownCommandError,
} from "../../handlers/commands/mod.ts";
import { contextOf } from "./fixtures/context.ts";

const status: ManagerStatus = {
  instance: "default",
  pid: 1,
  version: "0.1.0",
  msquic: null,
  state: "ready",
  uptimeMs: 0,
  workers: [],
};

function contextWith(shutdowns: boolean[] = []): CommandContext {
  return contextOf({
    status: () => status,
    shutdown: ({ now }) => Promise.resolve(shutdowns.push(now)),
  });
}

Deno.test("the registry has the manager's commands, each with a summary", () => {
  const commands = [...createCommandRegistry()];
  assert.deepEqual(commands.map(({ name }) => name), [
    "status",
    "spawn",
    "stop",
    "restart",
    "drain",
    "ports",
    "ports.reserve",
    "ports.release",
    "sessions",
    "kick",
    "transfers",
    "cancel",
    "uploads",
    "uploads.rm",
    "limit-rate",
    "token",
    "token.add",
    "token.revoke",
    "token.rotate",
    "token.quota",
    "handlers",
    "send",
    "config",
    "shutdown",
  ]);
  for (const { summary } of commands) assert.match(summary, /^[A-Z].*[^.]$/);
});

Deno.test("CommandRegistry.run() runs a command by name", async () => {
  const registry = createCommandRegistry();
  const shutdowns: boolean[] = [];
  const context = contextWith(shutdowns);
  assert.deepEqual(await registry.run("status", context, undefined), status);
  assert.deepEqual(await registry.run("shutdown", context, {}), { workers: 1 });
  assert.deepEqual(await registry.run("shutdown", context, { now: true }), { workers: 2 });
  assert.deepEqual(shutdowns, [false, true]);
});

Deno.test("CommandRegistry.run() refuses what it does not have", async () => {
  const registry = createCommandRegistry();
  for (const name of ["", "Status", "toString", "__proto__"]) {
    await assert.rejects(registry.run(name, contextWith(), {}), UnknownCommandError);
  }
});

Deno.test("CommandRegistry.run() refuses parameters that do not fit", async () => {
  const registry = createCommandRegistry();
  for (const parameters of [null, [], "now", 1, { now: 1 }, { now: null }, { later: true }]) {
    await assert.rejects(
      registry.run("shutdown", contextWith(), parameters),
      InvalidParametersError,
      JSON.stringify(parameters),
    );
  }
});

Deno.test("CommandRegistry.add() takes commands of one's own", async () => {
  const greet = defineCommand({
    name: "greet",
    summary: "Greet someone",
    right: "read",
    parameters: {
      whom: { kind: "string", summary: "Name", required: true },
      times: { kind: "integer", summary: "How often" },
    },
    result: (v) => v.string(),
    run: (_context, { whom, times = 1 }) => `Hello, ${whom}! `.repeat(times).trim(),
    show: (greeting) => greeting,
  });
  const registry = createCommandRegistry().add(greet);
  const run = (parameters: unknown) => registry.run("greet", contextWith(), parameters);
  assert.equal(await run({ whom: "you" }), "Hello, you!");
  assert.equal(await run({ whom: "you", times: 2 }), "Hello, you! Hello, you!");
  await assert.rejects(run({}), /"whom" is missing/);
  await assert.rejects(run({ whom: "you", times: 1.5 }), /"times" must be of kind integer/);
});

Deno.test("commands about workers take ports or all, and deadlines within reason", async () => {
  const registry = createCommandRegistry();
  const calls: unknown[] = [];
  const context = contextOf({
    spawn: (port) => Promise.reject(new Error(`spawn ${port}`)),
    stop: (workers, options) => Promise.resolve([]).finally(() => calls.push([workers, options])),
    drain: (workers, ms) => Promise.resolve([]).finally(() => calls.push([workers, ms])),
    restart: (workers, how) => Promise.resolve([]).finally(() => calls.push([workers, how])),
  });
  const run = (name: string, parameters: unknown) => registry.run(name, context, parameters);
  await run("stop", { workers: [4433, 4434], now: true });
  await run("drain", { workers: "all", deadlineMs: 5 });
  assert.deepEqual(await run("restart", { workers: [1], rolling: true }), { workers: [] });
  assert.deepEqual(calls, [
    [[4433, 4434], { now: true, deadlineMs: undefined }],
    ["all", 5],
    [[1], { rolling: true, now: false, deadlineMs: undefined }],
  ]);
  await assert.rejects(run("spawn", { port: 5000 }), /spawn 5000/);
  for (const workers of [undefined, [], "some", [0], [65536], [1.5], ["1"], 4433]) {
    await assert.rejects(run("stop", { workers }), InvalidParametersError, String(workers));
  }
  for (const deadlineMs of [-1, 86_400_001]) {
    await assert.rejects(run("drain", { workers: "all", deadlineMs }), InvalidParametersError);
  }
  for (const port of [0, 65536]) await assert.rejects(run("spawn", { port }), /is no port/);
});
