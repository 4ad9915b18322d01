import assert from "node:assert/strict";
import { Server } from "./server.ts";
import type { Stage } from "./stage.ts";

/** Runs in a shell of Windows' own, whose command line the operator has written. */
const CMD = "C:\\windows\\system32\\cmd.exe";

/** Starts a program that outlives this shell, and waits for it. */
const ENDLESS = "start /b ping -n 300 127.0.0.1 >nul & ping -n 300 127.0.0.1";

/** What the machine is, and actions: one that says something, and one that has to be ended as a whole. */
export async function system({ site, transcript, windows, tools }: Stage): Promise<void> {
  const config = site.path("actions.jsonc");
  const actions = {
    say: {
      command: [CMD, "/c", "echo to {target}& exit 3"],
      arguments: { target: { choices: ["a", "b"] } },
    },
    endless: { command: [CMD, "/c", ENDLESS], timeoutMs: 2000 },
  };
  await Deno.writeTextFile(config, JSON.stringify({ actions }));
  const flags = ["--config", windows.theirs(config)];
  const server = await Server.start(windows, site, "system", { flags });
  const [port] = server.report.ports;
  await transcript.check("system info", async () => {
    const info = await server.json<{ os: string; host: string; pid: number; disks: unknown[] }>(
      windows,
      ...["system", "info", "--port", String(port)],
    );
    const { pid } = server.report.workers.find((worker) => worker.port === port) ?? {};
    assert.deepEqual([info.os, info.pid, info.disks.length], ["windows", pid, 1]);
    return `host ${info.host}, one disk`;
  });
  await transcript.check("system processes, asked of a worker by the manager", async () => {
    const { answer } = await server.json<{ answer: { processes: { pid: number }[] } }>(
      windows,
      ...["send", String(port), "system.processes"],
    );
    assert.deepEqual(answer.processes.map(({ pid }) => pid), server.pids);
    return `${answer.processes.length} processes`;
  });
  await transcript.check("an action says something, and its exit code is told", async () => {
    const args = ["action", "run", "say", "target=b", "--json", "--instance", server.instance];
    const { code, stdout } = await windows.spawn(args).finished;
    const { error, result } = JSON.parse(stdout);
    assert.deepEqual([code, error.code, result.exitCode], [1, "action-failed", 3], stdout);
    assert.equal(result.output[0].text, "to b\r\n");
    return "exit code 3";
  });
  await transcript.check("an action ends at its deadline, with what it has started", async () => {
    const before = await tools.count("ping.exe");
    const args = ["action", "run", "endless", "--instance", server.instance];
    const { code, stderr } = await windows.spawn(args).finished;
    assert.equal(code, 5, stderr);
    assert.equal(await tools.count("ping.exe"), before);
    return "2 s";
  });
  await server.shutdown();
}
