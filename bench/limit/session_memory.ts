import { delay } from "../../base/mod.ts";
import { buildLimit } from "../../native/limit/build.ts";
import type { BenchContext, Row } from "../context.ts";
import type { Entry, Line } from "../line.ts";
import { residentBytes } from "../process_status.ts";
import { libraryArguments } from "./arguments.ts";
import { firstLine } from "./first_line.ts";
import { SERVER_KINDS, type ServerKind, startLoadedServer } from "./loaded_server.ts";

const SESSIONS = 2000;

/**
 * How long the sessions are idle before the look at the memory, in milliseconds: V8 gives back what a burst
 * of connects took within that time.
 */
export const SETTLE_MS = 20_000;

const SIDES: readonly { kind: ServerKind; hold?: number }[] = [
  { kind: "worker" },
  { kind: "limit", hold: 1.3 },
];

/** What a server takes for each client that is connected and does nothing. */
export const sessionMemory: Row = {
  name: "session-memory",
  async run(context) {
    const entries: Entry[] = [];
    for (const { kind, hold } of SIDES) {
      const who = SERVER_KINDS[kind];
      const rounds: number[] = [];
      try {
        rounds.push(await measure(kind, context));
      } catch (error) {
        context.signal.throwIfAborted();
        context.skip(`${who} in session-memory`, error);
      }
      entries.push({ who, rounds, ...(hold === undefined ? {} : { hold }) });
    }
    const title = `Memory of each of ${SESSIONS.toLocaleString("en-US")} idle sessions`;
    const line: Line = { name: "session-memory", title, unit: "kB", better: "less", entries };
    return [line];
  },
};

async function measure(kind: ServerKind, context: BenchContext): Promise<number> {
  await using resources = new AsyncDisposableStack();
  const { ports, token, pids } = await startLoadedServer(kind, context, resources);
  const [port, pid] = [ports[0]!, pids[0]!];
  const program = await buildLimit();
  const args = ["--port", `${port}`, ...(token === "" ? [] : ["--token", token])];
  // What the first ones need is not counted.
  await holdSessions(program, args, 100, context, () => Promise.resolve());
  await settle();
  const before = await residentOf(pid);
  let after = NaN;
  await holdSessions(program, args, SESSIONS, context, async () => {
    await settle();
    after = await residentOf(pid);
  });
  return (after - before) / SESSIONS / 1000;
}

/** Connects so many clients, and ends them when `meanwhile` is done. */
async function holdSessions(
  program: string,
  args: string[],
  count: number,
  { signal }: BenchContext,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const child = new Deno.Command(program, {
    args: ["sessions", ...libraryArguments(), ...args, "--connections", `${count}`],
    stdin: "piped",
    stdout: "piped",
    signal,
  }).spawn();
  try {
    await firstLine(child.stdout, "The load generator");
    await meanwhile();
  } finally {
    await child.stdin.close().catch(() => {}); // it has ended already
    await child.status;
  }
}

function settle(): Promise<void> {
  return delay(SETTLE_MS);
}

async function residentOf(pid: number): Promise<number> {
  return residentBytes(await Deno.readTextFile(`/proc/${pid}/status`));
}
