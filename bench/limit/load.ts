import { buildLimit } from "../../native/limit/build.ts";
import { libraryArguments } from "./arguments.ts";

/** What the load generator can do; see docs/performance.md. */
export type LoadJob = "upload" | "download" | "requests" | "messages" | "handshakes";

/** What to load, and how. */
export interface LoadOptions {
  job: LoadJob;
  /** One after the other gets a connection. */
  ports: readonly number[];
  token: string;
  /** The servers' processes, whose processor time is told as well. */
  pids: readonly number[];
  connections: number;
  /** On each connection. */
  inFlight: number;
  seconds: number;
  warmUpSeconds: number;
  /** Of the generator itself. */
  threads: "one" | "own";
  /** More of its options, as on its command line. */
  settings?: readonly string[];
}

/** What the generator tells. */
export interface LoadReport {
  seconds: number;
  /** Requests, messages or handshakes. */
  count: number;
  perSecond: number;
  bytes: number;
  gbitPerSecond: number;
  p50Us: number;
  p99Us: number;
  clientCpuMs: number;
  serverCpuMs: number;
}

/**
 * Loads a server, natively.
 *
 * @param signal Ends it.
 * @throws {ProgramBuildError} The generator cannot be built here.
 * @throws {Error} It fails.
 */
export async function runLoad(options: LoadOptions, signal: AbortSignal): Promise<LoadReport> {
  const program = await buildLimit();
  const command = new Deno.Command(program, {
    args: [options.job, ...libraryArguments(), ...loadArguments(options)],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  });
  const { success, stdout, stderr } = await command.output();
  signal.throwIfAborted();
  if (!success) throw new Error(`Load generator: ${new TextDecoder().decode(stderr).trim()}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The generator's options on its command line. */
export function loadArguments(options: LoadOptions): string[] {
  const { ports, token, pids, connections, inFlight, seconds, warmUpSeconds, threads } = options;
  const { settings = [] } = options;
  return [
    ...["--port", ports.join(","), "--threads", threads],
    ...(token === "" ? [] : ["--token", token]),
    ...(pids.length === 0 ? [] : ["--pid", pids.join(",")]),
    ...["--connections", `${connections}`, "--in-flight", `${inFlight}`],
    ...["--seconds", `${seconds}`, "--warm-up", `${warmUpSeconds}`],
    ...settings,
  ];
}
