import assert from "node:assert/strict";
import { IDLE_WORKER } from "../../fixtures/idle_worker.ts";
import { COMMANDS } from "../../../cli/app.ts";
import { type Routes, routesOf } from "../../../cli/definition/routes.ts";
import { runCommand } from "../../../cli/run_command.ts";
import { completeLine } from "../../../cli/shell/complete.ts";
import { Output } from "../../../cli/text/output.ts";
import {
  type Command,
  type CommandContext,
  createCommandRegistry,
  defineCommand,
  MANAGEMENT_COMMANDS,
  type ManagerStatus,
  schemaOf,
  type WorkerStatus,
} from "../../../handlers/commands/mod.ts";
import { chooseControlPath } from "../../../manager/control/control_path.ts";
import { ControlServer } from "../../../manager/control/control_server.ts";
import { callControl } from "../../../manager/mod.ts";
import { contextOf } from "../../manager/fixtures/context.ts";
import { Sandbox } from "../../manager/fixtures/harness.ts";
import { collector } from "../collector.ts";
import "../../fixtures/loaded_msquic.ts";

/** What a file of a new command has: nothing else knows of it. */
const tea = defineCommand({
  name: "tea",
  summary: "Make tea",
  description: "Make tea, as often as it takes.\nIt is hot.",
  group: { summary: "Make tea, or pour it away", own: "make", byDefault: true },
  right: "admin",
  parameters: {
    cups: { kind: "integer", summary: "How many cups", range: [1, 12] },
    steepMs: { kind: "duration", summary: "How long it steeps", flag: "steep" },
    milk: { kind: "boolean", summary: "With milk", default: false },
    sort: {
      kind: "string",
      summary: "The sort",
      required: true,
      positional: true,
      placeholder: "SORT",
      complete: async (ask) => (await ask(sorts)).map((sort) => sort.toLowerCase()),
    },
  },
  result: schemaOf<{ cups: number; made: string; warm: boolean | null }>()((v) =>
    v.object({ cups: v.number(), made: v.string(), warm: v.nullable(v.boolean()) })
  ),
  run: (_context, { cups = 1, steepMs = 0, milk, sort }) => {
    const made = `${sort}, ${steepMs} ms${milk ? ", milk" : ""}`;
    return { cups, made, warm: sort === "iced" ? null : true };
  },
  show: ({ cups, made }, view) =>
    `${view.instance}\n` +
    view.table([{ heading: "CUPS", numeric: true }, { heading: "MADE" }], [[String(cups), made]]),
});

const sorts = defineCommand({
  name: "tea.sorts",
  summary: "Tell which there are",
  right: "read",
  parameters: {},
  result: (v) => v.array(v.string()),
  run: () => ["Assam", "Green", "Gunpowder"],
  show: (sorts) => sorts.join("\n"),
});

/** Answers what its definition does not say. */
const liar: Command = {
  ...sorts,
  name: "liar",
  run: () => Promise.resolve(["Assam", 7]),
};

const ADDED: readonly Command[] = [tea, sorts, liar];
const WORKER: WorkerStatus = {
  port: 4433,
  pid: 7,
  state: "ready",
  uptimeMs: 0,
  restarts: 0,
  sessions: 0,
  transfers: 0,
  bytesIn: 0,
  bytesOut: 0,
  rssBytes: 0,
  ...IDLE_WORKER,
  cpuPercent: 0,
  turnP99Ms: null,
  heartbeatAgeMs: null,
  lastError: null,
  lastExit: null,
};
const STATUS: ManagerStatus = {
  instance: "x",
  pid: 1,
  version: "9",
  msquic: null,
  state: "ready",
  uptimeMs: 0,
  workers: [WORKER],
};
const PLAIN = { interactive: false, color: false, columns: 80 };

/** A manager's control endpoint with these commands, and the command line that is used with it. */
async function serving(parts: Partial<CommandContext> = {}) {
  const stack = new AsyncDisposableStack();
  const box = stack.use(new Sandbox());
  await box.state.prepare();
  const registry = createCommandRegistry();
  for (const command of ADDED) registry.add(command);
  const control = chooseControlPath(box.state);
  stack.use(await ControlServer.listen(control, registry, contextOf(parts)));
  const { instance } = box;
  const fingerprint = "";
  const facts = { instance, pid: Deno.pid, host: "127.0.0.1", ports: [], version: "" };
  await box.state.writeInstanceInfo({ ...facts, fingerprint, fingerprints: [], control });
  const before = Deno.env.get("MSQUICD_STATE_DIR");
  Deno.env.set("MSQUICD_STATE_DIR", box.state.base);
  stack.defer(() =>
    before === undefined
      ? Deno.env.delete("MSQUICD_STATE_DIR")
      : Deno.env.set("MSQUICD_STATE_DIR", before)
  );
  const routes: Routes = { ...COMMANDS, ...routesOf(ADDED) };
  const run = (...words: string[]) => runHere(words, instance, routes);
  const complete = async (line: string) => {
    const { context } = contextFor(instance, false);
    const sink = collector();
    const process = { stdout: sink, stderr: sink };
    return (await completeLine(line, { ...context, process }, routes))[0];
  };
  return { box, registry, run, complete, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function contextFor(instance: string, json: boolean) {
  const stdout = collector();
  const stderr = collector();
  const context = {
    output: new Output({ json, stdout, stderr }),
    stdout: PLAIN,
    stderr: { ...PLAIN, sink: stderr },
    instance,
    insideShell: true,
    runShell: () => Promise.resolve(),
    interruption: () => ({ signal: new AbortController().signal, [Symbol.dispose]() {} }),
  };
  return { context, stdout, stderr };
}

async function runHere(words: string[], instance: string, routes: Routes) {
  const { context, stdout, stderr } = contextFor(instance, words.includes("--json"));
  const exitCode = await runCommand(words, context, stdout, routes);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

Deno.test("a command that is defined is in registry, control endpoint, flags, help and completion", async () => {
  await using manager = await serving();
  const { box, registry, run, complete } = manager;
  assert.equal(registry.get("tea")?.right, "admin");
  assert.deepEqual(await registry.run("tea", contextOf({}), { sort: "green" }), {
    cups: 1,
    made: "green, 0 ms",
    warm: true,
  });
  assert.deepEqual(
    await callControl(box.state, "tea", { sort: "iced", cups: 2, steepMs: 9, milk: true }),
    { cups: 2, made: "iced, 9 ms, milk", warm: null },
  );
  const typed = ["tea", "make", "green", "--cups", "3", "--steep", "2s", "--milk"];
  assert.deepEqual(await run(...typed), {
    exitCode: 0,
    stdout: `${box.instance}\nCUPS  MADE\n   3  green, 2000 ms, milk\n`,
    stderr: "",
  });
  const json = await run(...typed, "--json");
  assert.deepEqual(JSON.parse(json.stdout), { cups: 3, made: "green, 2000 ms, milk", warm: true });
  assert.match((await run("tea", "green")).stdout, /1 {2}green, 0 ms\n$/);
  const { stdout: help } = await run("tea", "make", "--help");
  for (
    const line of [
      /^ {2}msquicd tea make <SORT>$/m,
      /^Make tea, as often as it takes\.\nIt is hot\.$/m,
      /\[--cups\] +How many cups$/m,
      /\[--steep\] +How long it steeps$/m,
      /\[--milk\] +With milk +\[default = false\]$/m,
      /\[--instance\]/,
      /\[--json\]/,
      /^ARGUMENTS\n {2}SORT {2}The sort$/m,
    ]
  ) assert.match(help, line);
  assert.match((await run("--help")).stdout, /^ {2}tea +Make tea, or pour it away$/m);
  assert.deepEqual(await complete("te"), ["tea "]);
  assert.equal((await run("tea", "sorts")).stdout, "Assam\nGreen\nGunpowder\n");
  assert.deepEqual(await complete("tea make --st"), ["--steep "]);
  assert.deepEqual(await complete("tea make g"), ["green ", "gunpowder "]);
});

Deno.test("a command line is refused as the command's definition says", async () => {
  await using manager = await serving();
  const cases: [string, RegExp][] = [
    ["tea make", /needs SORT/],
    ["tea make green black", /takes one argument/],
    ["tea make green --cups 13", /a whole number from 1 to 12 is wanted/],
    ["tea make green --steep long", /a time up to 24h is wanted/],
    ["tea make green --sugar", /no flag --sugar/],
    ["restart all 4433", /either ports or all, not both/],
    ["uploads rm", /ids, or give --older TIME/],
    ["uploads rm aa --older 5m", /ids, or give --older TIME/],
  ];
  for (const [line, message] of cases) {
    const { exitCode, stderr } = await manager.run(...line.split(" "));
    assert.equal(exitCode, 2, line);
    assert.match(stderr, message, line);
  }
});

Deno.test("an answer that is not as its definition says is refused, with what is wrong in it", async () => {
  await using manager = await serving({
    status: () => ({ instance: "x", workers: [{}] }) as unknown as never,
    uploads: () => Promise.resolve([{ id: "a", more: 1 }] as unknown as never),
  });
  const cases = [
    ["liar", /answer to liar: 1 is not what/],
    ["status", /answer to status: pid is not what/],
    ["uploads", /answer to uploads: uploads\.0\.name is not what/],
  ] as const;
  for (const [command, message] of cases) {
    const { exitCode, stdout } = await manager.run(command, "--json");
    const { error } = JSON.parse(stdout);
    assert.equal(exitCode, 5, command);
    assert.equal(error.code, "control-failed");
    assert.match(error.message, message);
  }
});

Deno.test("what a newer manager has to tell besides is printed with --json", async () => {
  const status = { ...STATUS, weather: "fine" };
  await using manager = await serving({ status: () => status });
  const { stdout } = await manager.run("status", "--json");
  assert.deepEqual(JSON.parse(stdout), status);
});

Deno.test("each command has a right, a summary, and parameters that say what they are", () => {
  for (const { name, right, summary, parameters } of MANAGEMENT_COMMANDS) {
    assert.ok(right === "read" || right === "admin", name);
    assert.match(summary, /^[A-Z].*[^.]$/);
    for (const spec of Object.values(parameters)) assert.match(spec.summary, /^[A-Z].*[^.]$/);
  }
  const readers = MANAGEMENT_COMMANDS.filter(({ right }) => right === "read");
  assert.deepEqual(readers.map(({ name }) => name), [
    "status",
    "ports",
    "sessions",
    "transfers",
    "uploads",
    "token",
    "handlers",
    "config",
  ]);
});

Deno.test("a command line offers every command of a manager, and asks it with what was typed", async () => {
  const asked: unknown[] = [];
  const changed = (...what: unknown[]) => {
    asked.push(what);
    return Promise.resolve([WORKER]);
  };
  await using manager = await serving({
    status: () => STATUS,
    spawn: (port) => changed("spawn", port).then(() => WORKER),
    stop: (workers, how) => changed("stop", workers, how),
    drain: (workers, ms) => changed("drain", workers, ms),
    restart: (workers, how) => changed("restart", workers, how),
    removeUploads: (selection) => Promise.resolve([]).finally(() => asked.push(selection)),
  });
  const lines = [
    "spawn --port 5000",
    "spawn",
    "stop 4433 4434 --now",
    "drain all --deadline 5s",
    "restart 4433 --rolling",
  ];
  for (const line of lines) {
    const { exitCode, stdout } = await manager.run(...line.split(" "));
    assert.equal(exitCode, 0, line);
    assert.equal(stdout, "PORT  PID  STATE\n4433    7  ready\n");
  }
  const removed = await manager.run("uploads", "rm", "--older", "5m", "--json");
  assert.equal(removed.stdout, "[]\n");
  assert.equal((await manager.run("uploads", "rm", "aabbccdd")).stdout, "Removed 0 uploads, 0 B\n");
  assert.deepEqual(asked, [
    ["spawn", 5000],
    ["spawn", undefined],
    ["stop", [4433, 4434], { now: true, deadlineMs: undefined }],
    ["drain", "all", 5000],
    ["restart", [4433], { rolling: true, now: false, deadlineMs: undefined }],
    { olderThanMs: 300_000 },
    { ids: ["aabbccdd"] },
  ]);
  assert.deepEqual(await manager.complete("stop 4"), ["4433 "]);
  assert.deepEqual(await manager.complete("stop "), ["all ", "4433 "]);
});
