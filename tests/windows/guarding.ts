import assert from "node:assert/strict";
import { waitFor } from "../e2e/harness.ts";
import { Server } from "./server.ts";
import type { Stage } from "./stage.ts";
import { NotChecked, seconds } from "./transcript.ts";

/** How long Windows waits at most for a process when the session ends, in milliseconds. */
const SESSION_END_MS = 5000;

/** Who is let in, and what happens at log-off. */
export async function guarding(stage: Stage): Promise<void> {
  const { transcript } = stage;
  await transcript.check("a state folder that others can get at", () => openState(stage));
  await transcript.check("end of the session", () => sessionEnd(stage));
}

async function openState({ host, site, tools, windows }: Stage): Promise<string> {
  const base = site.path("state of Windows");
  const env = { MSQUICD_STATE_DIR: host.windowsPath(base) };
  const flags = ["--instance", "open", "--root", windows.theirs(site.path("open files"))];
  const start = ["start", "--no-shell", "--json", "--workers", "1", ...flags];
  const first = windows.spawn(start, env);
  await waitFor("the manager is ready", () => /\n$/.test(first.stdout));
  const { code } = await windows.spawn(["shutdown", ...flags.slice(0, 2)], env).finished;
  assert.equal(code, 0);
  assert.equal((await first.finished).code, 0);
  // Windows' default list lets others open the pipe: there would be a warning.
  assert.doesNotMatch(first.stderr, /Others may open/);
  const folder = `${base}/open`;
  if (host.native) await tools.letEverybodyIn(folder);
  else await Deno.chmod(folder, 0o755);
  const refused = await windows.spawn(start, env).finished;
  assert.notEqual(refused.code, 0);
  assert.match(refused.stdout + refused.stderr, /Cannot trust .*S-1-1-0/);
  return `private as made, with its control pipe; refused with code ${refused.code} once opened`;
}

async function sessionEnd(stage: Stage): Promise<string> {
  const { host, site, tools, windows } = stage;
  if (host.native) throw new NotChecked("it would end this session as well");
  const server = await Server.start(windows, site, "session");
  const begun = performance.now();
  await tools.endSession();
  const { code } = await server.running.child.status;
  const took = performance.now() - begun;
  assert.ok(took < SESSION_END_MS, `it took ${seconds(took)}`);
  assert.deepEqual(await tools.alive(server.pids), []);
  server.assertTidy();
  return `manager and workers left in order after ${seconds(took)}, exit code ${code}`;
}
