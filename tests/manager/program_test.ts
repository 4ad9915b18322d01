import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { callControl, Manager, type SelfCommand } from "../../manager/mod.ts";
import type { WorkerStatus } from "../../handlers/commands/mod.ts";
import { freePorts } from "../fixtures/free_ports.ts";
import { eventually, fixtureWorker, Sandbox } from "./fixtures/harness.ts";
import "../fixtures/loaded_libc.ts";

const ignore = Deno.build.os === "windows"; // has no programs that are scripts

/** A stand-in worker whose program, and the file that this runs, can be taken away. */
class FragileProgram {
  readonly command: SelfCommand;
  readonly #program: string;
  readonly #file: string;
  readonly #runs: string;
  readonly #imports: string;

  constructor(box: Sandbox) {
    const { path, args } = fixtureWorker("ready");
    const file = args.findIndex((arg) => arg.endsWith("worker.ts"));
    this.#runs = path;
    this.#imports = String(pathToFileURL(args[file] ?? ""));
    this.#program = join(box.path, "program");
    this.#file = join(box.path, "worker.ts");
    this.command = { path: this.#program, args: args.with(file, this.#file) };
    this.mend();
  }

  mend(): void {
    const script = `#!/bin/sh\nexec "${this.#runs}" "$@"\n`;
    Deno.writeTextFileSync(this.#program, script, { mode: 0o755 });
    Deno.writeTextFileSync(this.#file, `import "${this.#imports}";\n`);
  }

  remove(): void {
    Deno.removeSync(this.#program);
  }

  /** Whatever is in its place does not do what a worker does. */
  replace(): void {
    Deno.writeTextFileSync(this.#program, `#!/bin/sh\necho "not a worker" >&2; exit 9\n`);
  }

  forbid(): void {
    Deno.chmodSync(this.#program, 0o644);
  }

  breakFile(): void {
    Deno.writeTextFileSync(this.#file, "import {\n");
  }
}

function workersOf(manager: Manager): WorkerStatus[] {
  return manager.status().workers;
}

// F2
Deno.test({
  name: "restart keeps workers whose program is gone, broken or another, and says why",
  ignore,
  async fn() {
    await using box = new Sandbox();
    const program = new FragileProgram(box);
    const ports = await freePorts(2);
    const [first = 0, second = 0] = ports;
    await using manager = await Manager.start(box.config({ ports: ports.join(",") }), {
      state: box.state,
      command: program.command,
    });
    const before = workersOf(manager).map(({ pid }) => pid);
    const restart = (rolling: boolean) =>
      callControl(manager.state, "restart", { workers: "all", rolling }, { timeoutMs: 30_000 });
    const kept = (port: number) =>
      `Worker ${port} serves on as it was, since its successor cannot start: `;
    const breakages: [() => void, RegExp][] = [
      [
        () => program.breakFile(),
        /^Exited with code 1; it said last: error: .*Expected identifier/,
      ],
      [() => program.replace(), /^Exited with code 9; it said last: not a worker/],
      [() => program.forbid(), /^Cannot run ".*program": it may not be executed; see its permiss/],
      [() => program.remove(), /^Cannot run ".*program": it is not there any more; put it back/],
    ];
    for (const [breakIt, why] of breakages) {
      breakIt();
      await assert.rejects(restart(true), (error) => {
        assert.ok(error instanceof Error);
        assert.equal(error.message.slice(0, kept(first).length), kept(first));
        assert.match(error.message.slice(kept(first).length), why);
        assert.ok(error.message.endsWith(`; left as they were: ${second}`));
        return true;
      });
      program.mend();
    }
    program.remove();
    await assert.rejects(restart(false), (error) => {
      assert.ok(error instanceof Error);
      for (const port of ports) assert.ok(error.message.includes(kept(port)), error.message);
      return true;
    });
    assert.deepEqual(workersOf(manager).map(({ pid }) => pid), before);
    assert.deepEqual(workersOf(manager).map(({ state }) => state), ["ready", "ready"]);
    assert.equal(box.segments().length, 2);
    program.mend();
    await restart(true);
    assert.deepEqual(workersOf(manager).map(({ restarts }) => restarts), [1, 1]);
  },
});

Deno.test({
  name: "a worker whose program is gone comes back by itself when the program does",
  ignore,
  async fn() {
    await using box = new Sandbox();
    const program = new FragileProgram(box);
    const restart = { initialDelayMs: 5, maxDelayMs: 20, jitter: 0, intensity: 3 };
    const ports = (await freePorts(1)).join(",");
    await using manager = await Manager.start(box.config({ ports, restart }), {
      state: box.state,
      command: program.command,
    });
    const worker = () => workersOf(manager)[0]!;
    program.remove();
    Deno.kill(worker().pid ?? 0, "SIGKILL");
    await eventually("tried often", () => worker().restarts > 3);
    assert.match(worker().lastError ?? "", /^Cannot run .* it is not there any more; put it back$/);
    program.mend();
    await eventually("back", () => worker().state === "ready");
  },
});

Deno.test("a stop overtakes the rehearsal of a restart, and leaves nothing of it", async () => {
  await using box = new Sandbox();
  const ports = (await freePorts(1)).join(",");
  await using manager = await Manager.start(box.config({ ports }), {
    state: box.state,
    command: fixtureWorker("ready"),
  });
  const restarting = callControl(manager.state, "restart", { workers: "all" });
  const refused = assert.rejects(restarting, /stopped or restarted by somebody else/);
  await eventually("the rehearsal has begun", () => box.segments().length === 2);
  await callControl(manager.state, "stop", { workers: "all" });
  await refused;
  assert.deepEqual(box.segments(), []);
  assert.deepEqual(workersOf(manager).map(({ state }) => state), ["stopped"]);
});

Deno.test("a worker that misses something comes back by itself when that does", async () => {
  await using box = new Sandbox();
  const restart = { initialDelayMs: 5, maxDelayMs: 20, jitter: 0, intensity: 2 };
  const ports = (await freePorts(1)).join(",");
  await using manager = await Manager.start(box.config({ ports, restart }), {
    state: box.state,
    command: fixtureWorker("bereft"),
  });
  const worker = () => workersOf(manager)[0]!;
  Deno.kill(worker().pid ?? 0, "SIGKILL");
  await eventually("back", () => worker().restarts === 5 && worker().state === "ready");
  assert.equal(worker().lastError, "Cannot open the storage: fixture");
});
