import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { processAlive } from "../../../ffi/mod.ts";

const MODULE = new URL("../../../ffi/process/process_job_windows.ts", import.meta.url).href;
const DEADLINE_MS = 5000;
const IDLE = "setInterval(() => {}, 1000)";

/** Starts a process that starts another; kills the first, and tells whether the second lives on. */
async function outlives({ detached, job }: { detached: boolean; job: boolean }): Promise<boolean> {
  const script = `
    const { ProcessJob } = await import(${JSON.stringify(MODULE)});
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", ${JSON.stringify(IDLE)}],
      stdin: "null", stdout: "null", stderr: "piped", detached: ${detached},
    }).spawn();
    if (${job}) (globalThis.job = new ProcessJob()).add(child.pid);
    console.log(child.pid);
    ${IDLE};
  `;
  const parent = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", script],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = parent.stdout.getReader();
  const pid = Number(new TextDecoder().decode((await reader.read()).value));
  assert.ok(processAlive(pid));
  parent.kill("SIGKILL");
  await parent.status;
  await reader.cancel();
  const deadline = performance.now() + (detached && !job ? 1000 : DEADLINE_MS);
  while (processAlive(pid) && performance.now() < deadline) {
    await delay(20);
  }
  if (!processAlive(pid)) return false;
  Deno.kill(pid, "SIGKILL");
  return true;
}

Deno.test({
  name: "ProcessJob ends a process with the one that started it, and nothing else need",
  ignore: Deno.build.os !== "windows",
  async fn() {
    assert.equal(await outlives({ detached: true, job: false }), true);
    assert.equal(await outlives({ detached: true, job: true }), false);
    assert.equal(await outlives({ detached: false, job: true }), false);
  },
});
