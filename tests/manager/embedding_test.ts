import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "../fixtures/free_ports.ts";
import { Sandbox } from "./fixtures/harness.ts";

/** Runs the embedding program; `begun` says what each of its processes was started as. */
async function run(box: Sandbox, mode: string) {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const [port = 0] = await freePorts(1);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "-A", "--config", path("../../deno.json")],
      ...[path("./fixtures/embedding.ts"), mode, box.state.base, box.instance],
      ...[join(box.path, "storage"), String(port)],
    ],
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(30_000),
  }).output();
  const said = new TextDecoder().decode(stderr);
  const begun = Array.from(said.matchAll(/^begun as (\w+)/gm), ([, role]) => role);
  return { code, stdout: new TextDecoder().decode(stdout), stderr: said, begun };
}

// F5
Deno.test("a program that embeds a manager can be its own workers", async () => {
  await using box = new Sandbox();
  const { code, stdout, stderr, begun } = await run(box, "aware");
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "pong\n");
  assert.deepEqual(begun, ["manager", "worker"]);
  assert.deepEqual(box.segments(), []);
});

Deno.test("a program that embeds a manager from source has msquicd's own workers", async () => {
  await using box = new Sandbox();
  const { code, stdout, stderr, begun } = await run(box, "by-default");
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "pong\n");
  assert.deepEqual(begun, ["manager"]);
});

Deno.test("a program that is started as a worker and does not know it starts no manager", async () => {
  await using box = new Sandbox();
  const { code, stderr, begun } = await run(box, "forgetful");
  assert.equal(code, 1);
  assert.deepEqual(begun, ["manager", "worker"]);
  assert.match(stderr, /Cannot start worker .*Cannot start a manager in a process that is to be a/);
  assert.match(
    stderr,
    /begin the program with: if \(isWorker\(\)\) Deno.exit\(await runWorker\(\)/,
  );
  assert.deepEqual(box.segments(), []);
});
