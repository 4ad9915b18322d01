import { constants } from "node:os";
import { libc } from "../libraries/libc.ts";
import { GROUP_MARK } from "./process_group.ts";

/** Which processes are meant: any of what is given. */
export interface Members {
  /** Those of this session, which has the process id of whoever began it. */
  readonly session?: number;
  /** Those whose environment has a mark that begins so. */
  readonly mark: string;
}

/** How often to look for what was started while the others were being ended. */
const ROUNDS = 20;

const decoder = new TextDecoder("latin1");

/** Sends a signal to processes. @returns How many there were. */
export async function signalAll(members: Members, signal: number): Promise<number> {
  let count = 0;
  for await (const { name, isDirectory } of Deno.readDir("/proc")) {
    if (!isDirectory || !/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    if (!await isMember(name, members)) continue;
    // Right after the look, as its id may be another one's soon.
    libc.kill(Number(name), signal);
    count++;
  }
  return count;
}

/** Ends processes, and what they start meanwhile. @returns How many there were. */
export async function endAll(members: Members): Promise<number> {
  let count = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const found = await signalAll(members, constants.signals.SIGKILL);
    if (found === 0) break;
    count += found;
  }
  return count;
}

async function isMember(pid: string, { session, mark }: Members): Promise<boolean> {
  try {
    const status = await statusOf(pid);
    // A zombie cannot be ended once more.
    if (status.state === "Z" || status.state === "X") return false;
    if (status.session === session) return true;
    const environment = decoder.decode(await Deno.readFile(`/proc/${pid}/environ`));
    return `\0${environment}`.includes(`\0${GROUP_MARK}=${mark}`);
  } catch {
    return false; // gone since, or another user's
  }
}

/** The fields of /proc/PID/stat (proc(5)) behind the name, which may hold anything. */
async function statusOf(pid: string): Promise<{ state: string; session: number }> {
  const stat = decoder.decode(await Deno.readFile(`/proc/${pid}/stat`));
  const [state = "", , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state, session: Number(session) };
}
