/**
 * `deno task test:windows`: makes the Windows executable, and does with it what people do with msquicd:
 * on Windows, or on Linux with a program that runs Windows programs, where it also talks with msquicd on
 * Linux. Prints what it did.
 */
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TARGETS } from "../../compile/targets.ts";
import { main as ensureLibrary } from "../../native/ensure.ts";
import { names, processesOf, Site } from "../e2e/harness.ts";
import { adoption } from "./adoption.ts";
import { crashes } from "./crashes.ts";
import { fileNames } from "./file_names.ts";
import { guarding } from "./guarding.ts";
import { layout } from "./layout.ts";
import { mainJob } from "./main_job.ts";
import { thisSide, windowsSide } from "./side.ts";
import type { Stage } from "./stage.ts";
import { starting } from "./starting.ts";
import { system } from "./system.ts";
import { SystemTools } from "./system_tools.ts";
import { Transcript } from "./transcript.ts";
import { findWindowsHost, NoWindowsError, openSession } from "./windows_host.ts";

/** Names an executable to test instead of making one. */
const EXECUTABLE = "MSQUICD_WINDOWS_EXECUTABLE";
const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

async function main(): Promise<number> {
  await using site = await Site.create(0);
  using _cleaning = killOnExit(site);
  const host = findWindowsHost(site.directory);
  const made = await findExecutable();
  if (made === undefined || !host.native && await ensureLibrary() !== 0) return 1;
  // Under Wine all programs see what the first one saw, and that is this folder.
  const executable = site.path(basename(made));
  await Deno.copyFile(made, executable);
  const tools = new SystemTools(host, site);
  const windows = windowsSide(host, site, executable);
  const here = host.native ? undefined : thisSide(site);
  const transcript = new Transcript();
  await using _session = await openSession(host, site.directory, executable);
  transcript.note(`${made} on ${host.description} (${await tools.version()})`);
  const stage = { host, executable, site, tools, transcript, windows, here };
  await run(stage);
  await removeState(stage);
  return transcript.end();
}

async function run(stage: Stage): Promise<void> {
  const { transcript, windows, here } = stage;
  const clients = here ? [windows, here] : [windows];
  await transcript.part("Starting and stopping", () => starting(stage));
  await transcript.part("A server on Windows", () => mainJob(stage, windows, clients));
  if (here) {
    const title = `A server on ${here.system}, a client on Windows`;
    await transcript.part(title, () => mainJob(stage, here, [windows]));
  }
  await transcript.part("The machine, and actions", () => system(stage));
  await transcript.part("Killed processes", () => crashes(stage));
  await transcript.part("Workers that outlive their manager", () => adoption(stage));
  await transcript.part("File names", () => fileNames(stage));
  await transcript.part("Who is let in, and log-off", () => guarding(stage));
  await transcript.part("Layouts", () => layout(stage));
}

/** Removes the instances' certificates and tokens from the user's own folder, on Windows itself. */
async function removeState({ host, site }: Stage): Promise<void> {
  const base = join(Deno.env.get("LOCALAPPDATA") ?? "", "msquicd");
  if (!host.native) return; // it goes with Wine's drive C:
  for (const name of names(base).filter((name) => name.startsWith(site.instance))) {
    await Deno.remove(join(base, name), { recursive: true });
  }
}

/** Ends what a check that failed has left running, under Wine; it would keep its pipes open. */
function killOnExit({ instance }: Site): Disposable {
  return {
    [Symbol.dispose]() {
      for (const pid of processesOf(instance)) Deno.kill(pid, "SIGKILL");
    },
  };
}

/** Makes the executable, unless one was named. @returns Its path; `undefined` if that failed. */
async function findExecutable(): Promise<string | undefined> {
  const named = Deno.env.get(EXECUTABLE);
  if (named) return resolve(named);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "compile/main.ts", "--target", "windows"],
    cwd: PROJECT,
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return success ? resolve(PROJECT, "dist", TARGETS.windows.executable) : undefined;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main();
  } catch (error) {
    if (!(error instanceof NoWindowsError)) throw error;
    console.error(error.message);
    Deno.exitCode = 1;
  }
}
