import assert from "node:assert/strict";
import { join } from "node:path";
import { names, type Site, type StartReport, waitFor } from "../e2e/harness.ts";
import { LargeFile } from "./large_file.ts";
import { Server } from "./server.ts";
import { json, windowsSide } from "./side.ts";
import type { Stage } from "./stage.ts";
import { mebibytes, NotChecked, seconds } from "./transcript.ts";
import type { WindowsHost } from "./windows_host.ts";

/** How long a start in the background may take, in milliseconds. */
const DETACH_MS = 30_000;

/** Ways to start and to stop. */
export async function starting(stage: Stage): Promise<void> {
  const { transcript } = stage;
  await transcript.check("--version", () => version(stage));
  await transcript.check("start --detach, from a path with spaces", () => detached(stage));
  await transcript.check("Ctrl-C stops a manager", () => interrupted(stage));
  await transcript.check("Ctrl-C stops a put", () => interruptedPut(stage));
}

async function version({ windows }: Stage): Promise<string> {
  await windows.spawn(["--version"]).finished;
  const begun = performance.now();
  const { code, stdout } = await windows.spawn(["--version"]).finished;
  const took = performance.now() - begun;
  assert.equal(code, 0);
  assert.match(stdout, /^MsQuic 2\.\d+\.\d+\r?$/m);
  assert.doesNotMatch(stdout, /Calls of MsQuic are slow/);
  return `${stdout.trim().replaceAll(/\s*\n/g, ", ")}; ${Math.round(took)} ms`;
}

/** The manager must not keep the standard output of the process that started it: this waits for its end. */
async function detached(stage: Stage): Promise<string> {
  const { host, site, tools } = stage;
  const folder = site.path("Prográmme und 程序", "a'b");
  await Deno.mkdir(folder, { recursive: true });
  const moved = join(folder, "ms quïcd.exe");
  await Deno.copyFile(stage.executable, moved);
  const side = windowsSide(host, site, moved);
  const instance = `${site.instance}-detached`;
  const flags = ["--instance", instance, "--root", side.theirs(join(folder, "files"))];
  const begun = performance.now();
  const args = ["start", "--detach", "--json", "--workers", "2", ...flags];
  const report = await outputOf(host, site, moved, args);
  const took = performance.now() - begun;
  const pids = [report.pid, ...report.workers.map(({ pid }) => pid)];
  assert.equal((await tools.alive(pids)).length, 3);
  await json(side, ["put", side.theirs(moved), "--to", "copy", "--instance", instance]);
  assert.deepEqual(names(join(folder, "files")), [".msquicd", "copy"]);
  await json(side, ["shutdown", "--instance", instance]);
  assert.deepEqual(await tools.alive(pids), []);
  const state = side.ours(report.state);
  const kept = ["cert.pem", "key.pem", "manager.lock", "manager.log", "ports.json", "token"];
  assert.deepEqual(names(state), kept);
  return `returned after ${seconds(took)}; the manager and two workers lived on, until shutdown`;
}

/** Standard error is left out: under Wine, every process started by another has that one's. */
async function outputOf(
  host: WindowsHost,
  site: Site,
  program: string,
  words: readonly string[],
): Promise<StartReport> {
  const [runner, ...args] = host.commandLine(program, words);
  const { stdout } = await new Deno.Command(runner, {
    args,
    env: { ...host.env, MSQUICD_STATE_DIR: "", MSQUIC_PATH: "" },
    cwd: site.directory,
    stdin: "null",
    stderr: "null",
    signal: AbortSignal.timeout(DETACH_MS),
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function interrupted({ host, site, tools, windows }: Stage): Promise<string> {
  if (host.native) throw new NotChecked("a script cannot press it");
  const server = await Server.start(windows, site, "interrupted");
  server.running.child.kill("SIGINT");
  const begun = performance.now();
  const { code } = await server.running.child.status;
  assert.equal(code, 0);
  const took = performance.now() - begun;
  assert.deepEqual(await tools.alive(server.pids), []);
  server.assertTidy();
  return `exit code 0 after ${seconds(took)}, nothing left`;
}

async function interruptedPut({ host, site, windows }: Stage): Promise<string> {
  if (host.native) throw new NotChecked("a script cannot press it");
  const server = await Server.start(windows, site, "put");
  const large = await LargeFile.make(site);
  const path = windows.theirs(large.path);
  const given = server.spawn(windows, "put", path, "--no-resume");
  await large.underWay(server);
  given.child.kill("SIGINT");
  assert.equal((await given.finished).code, 130);
  await waitFor("the upload is removed", () => names(server.uploads).length === 0);

  const first = server.spawn(windows, "put", path);
  await large.underWay(server);
  first.child.kill("SIGINT");
  assert.equal((await first.finished).code, 130);
  const [again] = await server.json<{ resumedFrom: number }[]>(windows, "put", path);
  assert.ok(again && again.resumedFrom > 0, "It began anew");
  await large.assertStored(server);
  await server.shutdown();
  await Deno.remove(large.path);
  return `exit code 130; nothing left with --no-resume, and the next put goes on without, from ${
    mebibytes(again.resumedFrom)
  }`;
}
