import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import { processAlive } from "../../../ffi/mod.ts";
import "../../fixtures/loaded_libc.ts";

const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("processAlive() is true for this process, and for one of another user", () => {
  assert.ok(processAlive(Deno.pid));
  if (Deno.build.os === "linux") assert.ok(processAlive(1));
});

Deno.test("processAlive() tells a child that runs from one that has ended", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "await Deno.stdin.read(new Uint8Array(1))"],
    stdin: "piped",
  }).spawn();
  assert.ok(processAlive(child.pid));
  await child.stdin.close();
  await child.status;
  assert.ok(!processAlive(child.pid));
});

Deno.test("processAlive() is false for a zombie", onLinux, async () => {
  // The shell becomes a `sleep`, which never looks after the child that the shell had.
  const parent = new Deno.Command("sh", {
    args: ["-c", "sleep 0.05 & echo $!; exec sleep 60 >&-"],
    stdout: "piped",
  }).spawn();
  try {
    const pid = Number(await new Response(parent.stdout).text());
    await zombie(pid);
    assert.ok(!processAlive(pid));
  } finally {
    parent.kill("SIGKILL");
    await parent.status;
  }
});

Deno.test("processAlive() is false for what is no process id", () => {
  for (const pid of [0, -1, -Deno.pid, 1.5, NaN, Infinity, 2 ** 31, 2 ** 32 + Deno.pid]) {
    assert.ok(!processAlive(pid), String(pid));
  }
});

async function zombie(pid: number): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`))) {
    assert.ok(performance.now() < deadline, "the child did not become a zombie");
    await delay(5);
  }
}
