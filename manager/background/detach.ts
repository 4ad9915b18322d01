import { CodedErrorOf, delay } from "../../base/mod.ts";
import { startInBackground } from "./start_in_background.ts";
import { InstanceLock } from "../state/instance_lock.ts";
import type { InstanceInfo } from "../state/instance_info.ts";
import { type SelfCommand, selfCommand } from "../process/self_command.ts";
import type { StateDirectory } from "../state/state_directory.ts";

/** A manager was sent to the background and ended before it was ready. */
export class DetachedStartError extends CodedErrorOf<string> {
  /** What it exited with; `undefined` if it was killed, or did not become ready in time. */
  readonly exitCode: number | undefined;

  constructor(code: string, message: string, exitCode?: number) {
    super(code, message);
    this.exitCode = exitCode;
  }
}

/** How to send a manager to the background. */
export interface DetachOptions {
  /** Where the instance keeps its state. */
  state: StateDirectory;
  /** The program's arguments: `start` and its flags, without `--detach`. */
  args: readonly string[];
  /** In milliseconds; 60 seconds if not given. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** How to run the program; by default this very one. */
  command?: SelfCommand | undefined;
}

const POLL_MS = 25;
const TAIL_BYTES = 4096;
const TAIL_LINES = 10;

/**
 * Starts a manager in the background, so that it outlives the terminal, and waits until all its
 * workers are ready. What it says on standard error is appended to the instance's log file.
 *
 * @throws {InstanceRunningError} If the instance has a manager already.
 * @throws {DetachedStartError} If it ends, or does not become ready in time; with what it said.
 * @throws What `signal` was aborted with; the manager is stopped then.
 */
export async function startDetached(options: DetachOptions): Promise<InstanceInfo> {
  const { state, timeoutMs = 60_000, signal } = options;
  signal?.throwIfAborted();
  await state.prepare();
  // Only looked at: the manager takes it for itself.
  (await InstanceLock.acquire(state))[Symbol.dispose]();
  const logStart = await sizeOf(state.logFile);
  const { path, args } = options.command ?? selfCommand();
  const child = startInBackground(path, [...args, ...options.args], state.logFile);
  const deadline = performance.now() + timeoutMs;
  try {
    while (performance.now() < deadline) {
      if (child.ended) throw await startError(state, logStart, child.exitCode);
      // One that makes no sense is the last manager's: the new one removes it.
      const info = await state.readInstanceInfo().catch(() => undefined);
      if (info && info.pid === child.pid) return info;
      await delay(POLL_MS, signal);
    }
  } catch (error) {
    await child.stop();
    throw error;
  }
  await child.stop();
  const seconds = Math.round(timeoutMs / 1000);
  throw new DetachedStartError(
    "start-timeout",
    `Cannot start instance "${state.instance}": its workers were not ready within ${seconds} s, ` +
      `so it was stopped; see ${state.logFile}`,
  );
}

async function startError(
  state: StateDirectory,
  logStart: number,
  exitCode: number | undefined,
): Promise<DetachedStartError> {
  const said = await tail(state.logFile, logStart);
  return new DetachedStartError("start-failed", describe(said, exitCode, state.logFile), exitCode);
}

/** Where the manager ended with a sentence, that is why: as if it had been started here. */
function describe(said: string, exitCode: number | undefined, logFile: string): string {
  const sentence = /(?:^|\n)msquicd: (.+)$/.exec(said)?.[1];
  if (sentence !== undefined) return sentence;
  const how = exitCode === undefined ? "was killed" : `exited with code ${exitCode}`;
  return said === ""
    ? `Cannot start: the manager ${how}; see ${logFile}`
    : `Cannot start: the manager ${how} and said:\n${said}`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return 0;
  }
}

/** The last lines of a file, not looking further back than `from`. */
async function tail(path: string, from: number): Promise<string> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const start = Math.max(from, size - TAIL_BYTES);
  await file.seek(start, Deno.SeekMode.Start);
  const bytes = new Uint8Array(Math.max(0, size - start));
  const read = await file.read(bytes) ?? 0;
  const lines = new TextDecoder().decode(bytes.subarray(0, read)).trimEnd().split("\n");
  return lines.slice(-TAIL_LINES).join("\n");
}
