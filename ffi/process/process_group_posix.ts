import { constants } from "node:os";
import { closeOnExec } from "./close_on_exec_linux.ts";
import { libc } from "../libraries/libc.ts";
import { withoutMemoryLimit } from "./memory_limit.ts";
import type { ProcessGroup, ProcessGroupOptions } from "./process_group.ts";

const NO_SIGNAL = 0;

/** See `process_group.ts`. */
export function startGroup(
  path: string,
  { args, cwd, env, mark }: ProcessGroupOptions,
): ProcessGroup {
  if (Deno.build.os === "linux") closeOnExec();
  const command = new Deno.Command(path, {
    args: [...args],
    ...{ cwd, env, clearEnv: true },
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    // setsid(2): the group and the session have its process id.
    detached: true,
  });
  const child = withoutMemoryLimit(() => command.spawn());
  const group = -child.pid;
  return {
    child,
    get running() {
      return libc.kill(group, NO_SIGNAL) === 0;
    },
    async signal(name) {
      // At once, for nearly always that is all of them.
      libc.kill(group, constants.signals[name]);
      if (Deno.build.os !== "linux") return;
      const { endAll, signalAll } = await import("./group_members_linux.ts");
      const members = { session: child.pid, mark };
      if (name === "SIGKILL") await endAll(members);
      else await signalAll(members, constants.signals[name]);
    },
    [Symbol.dispose]() {},
  };
}
