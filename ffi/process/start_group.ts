import { GROUP_MARK, type ProcessGroup, type ProcessGroupOptions } from "./process_group.ts";
import * as posix from "./process_group_posix.ts";

const platform = Deno.build.os === "windows" ? await import("./process_group_windows.ts") : posix;

/**
 * Starts a program in a process group, and a session, of its own; on Windows in a Job Object, which ends
 * with this process, and which what the program starts in its very first moment may miss. It reads
 * nothing, and what it writes is piped.
 *
 * @throws {Error} The system does not start it.
 */
export function startGroup(path: string, options: ProcessGroupOptions): ProcessGroup {
  const env = { ...options.env, [GROUP_MARK]: options.mark };
  return platform.startGroup(path, { ...options, env });
}

/**
 * Ends what is still there of groups whose mark begins with a text, where whoever has started them is
 * gone. Only on Linux is there anything to do: Windows has ended them.
 *
 * @returns How many processes there were.
 */
export async function endMarked(mark: string): Promise<number> {
  if (Deno.build.os !== "linux") return 0;
  const { endAll } = await import("./group_members_linux.ts");
  return await endAll({ mark });
}
