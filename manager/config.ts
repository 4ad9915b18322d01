import { isIP } from "node:net";
import { resolve } from "node:path";
import { type LogFormat, type LogLevel, parseLogFormat, parseLogLevel } from "../log/mod.ts";
import { DEFAULT_INSTANCE, parseInstanceName } from "./instance_name.ts";
import { MAX_WORKERS, parsePorts, type PortPlan } from "./ports.ts";

/** Everything a manager needs to know before it starts. */
export interface ManagerConfig {
  readonly instance: string;
  /** IPv4 or IPv6 address the workers listen on. */
  readonly host: string;
  readonly ports: PortPlan;
  /** Absolute path of the folder that holds the stored files. */
  readonly root: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** How long a worker may take until it is ready. */
  readonly startDeadlineMs: number;
  /** How long a worker may take to stop by itself. */
  readonly stopDeadlineMs: number;
  /** Path of libmsquic, where it is not to be looked up. */
  readonly msquicPath?: string;
}

/** What can be given on the command line; what is left out has a default. */
export interface ManagerFlags {
  instance?: string | undefined;
  host?: string | undefined;
  /** `4433-4435,4500`; not together with `workers`. */
  ports?: string | undefined;
  /** How many workers, from port 4433 up. */
  workers?: number | undefined;
  root?: string | undefined;
  logLevel?: string | undefined;
  logFormat?: string | undefined;
  startDeadlineMs?: number | undefined;
  stopDeadlineMs?: number | undefined;
  msquicPath?: string | undefined;
}

/** A setting that cannot be used. */
export class InvalidOptionError extends Error {
  override readonly name = "InvalidOptionError";
  readonly code = "invalid-option";
}

/** What holds where nothing else is said. */
export const DEFAULTS = {
  host: "127.0.0.1",
  basePort: 4433,
  workers: 3,
  root: "./storage",
  logLevel: "info",
  logFormat: "pretty",
  startDeadlineMs: 10_000,
  stopDeadlineMs: 10_000,
} as const;

/**
 * Fills in the defaults and checks everything.
 *
 * @throws {InvalidOptionError} If a value is out of range or two contradict each other.
 * @throws {InvalidPortsError} If `ports` is malformed.
 * @throws {InvalidInstanceError} If `instance` is not a safe name.
 */
export function resolveConfig(flags: ManagerFlags = {}): ManagerConfig {
  return {
    instance: parseInstanceName(flags.instance ?? DEFAULT_INSTANCE),
    host: parseHost(flags.host ?? DEFAULTS.host),
    ports: planPorts(flags),
    root: resolve(flags.root ?? DEFAULTS.root),
    logLevel: parseLogLevel(flags.logLevel ?? DEFAULTS.logLevel),
    logFormat: parseLogFormat(flags.logFormat ?? DEFAULTS.logFormat),
    startDeadlineMs: checkDuration(
      "start deadline",
      flags.startDeadlineMs ?? DEFAULTS.startDeadlineMs,
    ),
    stopDeadlineMs: checkDuration("stop deadline", flags.stopDeadlineMs ?? DEFAULTS.stopDeadlineMs),
    ...(flags.msquicPath === undefined ? {} : { msquicPath: flags.msquicPath }),
  };
}

function planPorts({ ports, workers }: ManagerFlags): PortPlan {
  if (ports === undefined) {
    const count = checkWorkers(workers ?? DEFAULTS.workers);
    return { kind: "from-base", base: DEFAULTS.basePort, count };
  }
  if (workers === undefined) return { kind: "explicit", ports: parsePorts(ports) };
  throw new InvalidOptionError("Cannot use --ports together with --workers: give one of them");
}

function checkWorkers(count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= MAX_WORKERS) return count;
  throw new InvalidOptionError(
    `Cannot run ${count} workers: choose a whole number from 1 to ${MAX_WORKERS}`,
  );
}

function parseHost(host: string): string {
  if (host === "localhost") return "127.0.0.1";
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) !== 0) return address;
  throw new InvalidOptionError(
    `Cannot listen on host "${host}": give an IP address, 127.0.0.1 or :: for example`,
  );
}

function checkDuration(what: string, ms: number): number {
  if (Number.isFinite(ms) && ms >= 0) return Math.round(ms);
  throw new InvalidOptionError(`Cannot use a ${what} of ${ms} ms: it must not be negative`);
}
