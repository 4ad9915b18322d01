import type { ProcessGroup, ProcessGroupOptions } from "./process_group.ts";
import { ProcessJob } from "./process_job_windows.ts";

/** See `start_group.ts`. */
export function startGroup(path: string, { args, cwd, env }: ProcessGroupOptions): ProcessGroup {
  using undo = new DisposableStack();
  const job = undo.use(new ProcessJob());
  const child = new Deno.Command(path, {
    args: [...args],
    ...{ cwd, env, clearEnv: true },
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  try {
    job.add(child.pid);
  } catch (error) {
    // Nothing can be promised of what it starts, unless it has ended already.
    if (end(child)) throw error;
  }
  const held = undo.move();
  return {
    child,
    get running() {
      return !held.disposed;
    },
    signal() {
      held.dispose();
      return Promise.resolve();
    },
    [Symbol.dispose]: () => held.dispose(),
  };
}

/** @returns Whether it was still there. */
function end(child: Deno.ChildProcess): boolean {
  try {
    child.kill("SIGKILL");
    return true;
  } catch {
    return false;
  }
}
