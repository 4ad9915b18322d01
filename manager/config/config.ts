import {
  absolutePath,
  checkOptions,
  checkText,
  checkWord,
  DEFAULT_INSTANCE,
  InvalidOptionError,
  MAX_TIMER_MS,
  type OptionNames,
} from "../../base/mod.ts";
import { isIP } from "node:net";
import { type LogFormat, type LogLevel, parseLogFormat, parseLogLevel } from "../../log/mod.ts";
import { parseInstanceName } from "../state/instance_name.ts";
import { MAX_WORKERS, parsePorts, type PortPlan, type PortPolicy } from "../ports/port_plan.ts";
import { DEFAULT_RESTART_POLICY, type RestartPolicy, restartSettings } from "./restart_policy.ts";

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
  /** How long a worker's process may take to come up. */
  readonly startDeadlineMs: number;
  /** How long it may take from then on until it listens. */
  readonly readyDeadlineMs: number;
  /** How long it may then be without a sign of life before it is ended and replaced. */
  readonly stallDeadlineMs: number;
  /** How long a worker may take to stop by itself. */
  readonly stopDeadlineMs: number;
  /** The same, where it is to finish what is under way: for `drain` and `restart`. */
  readonly drainDeadlineMs: number;
  /** When and how workers that have died are started again. */
  readonly restart: RestartPolicy;
  /** What is different for single workers, by port. */
  readonly overrides: ReadonlyMap<number, WorkerOverrides>;
  /** What workers do when their manager is gone: leave, or go on serving. */
  readonly onManagerLoss: "drain" | "keep";
  /** How much is kept of interrupted uploads. */
  readonly keptUploads: KeptUploadLimits;
  /** What to do about a planned port that is taken; by default it depends on the plan. */
  readonly portPolicy?: PortPolicy;
  /** Path of libmsquic, where it is not to be looked up. */
  readonly msquicPath?: string;
}

/** How much is kept of interrupted uploads: where there are more, the oldest go. */
export interface KeptUploadLimits {
  /** How many. */
  readonly count: number;
  /** Of how many bytes together. */
  readonly bytes: number;
}

/** What can be different for a single worker. */
export interface WorkerOverrides {
  readonly restart?: Partial<RestartPolicy>;
}

/** What can be given on the command line or in a file; what is left out has a default. */
export interface ManagerFlags {
  instance?: string | undefined;
  host?: string | undefined;
  /** `4433-4435,4500`, 0 for any; not together with `workers`. */
  ports?: string | undefined;
  /** How many workers, from port 4433 up. */
  workers?: number | undefined;
  root?: string | undefined;
  logLevel?: string | undefined;
  logFormat?: string | undefined;
  startDeadlineMs?: number | undefined;
  readyDeadlineMs?: number | undefined;
  stallDeadlineMs?: number | undefined;
  stopDeadlineMs?: number | undefined;
  drainDeadlineMs?: number | undefined;
  restart?: Partial<RestartPolicy> | undefined;
  overrides?: ReadonlyMap<number, WorkerOverrides> | undefined;
  onManagerLoss?: "drain" | "keep" | undefined;
  keptUploads?: Partial<KeptUploadLimits> | undefined;
  portPolicy?: PortPolicy | undefined;
  msquicPath?: string | undefined;
}

export { InvalidOptionError };

const ACTION = "Cannot configure a manager";

const OPTION_NAMES: OptionNames<ManagerFlags> = {
  instance: true,
  host: true,
  ports: true,
  workers: true,
  root: true,
  logLevel: true,
  logFormat: true,
  startDeadlineMs: true,
  readyDeadlineMs: true,
  stallDeadlineMs: true,
  stopDeadlineMs: true,
  drainDeadlineMs: true,
  restart: true,
  overrides: true,
  onManagerLoss: true,
  keptUploads: true,
  portPolicy: true,
  msquicPath: true,
};

type DurationKey =
  | "startDeadlineMs"
  | "readyDeadlineMs"
  | "stallDeadlineMs"
  | "stopDeadlineMs"
  | "drainDeadlineMs";

/** What holds where nothing else is said. */
export const DEFAULTS = {
  host: "127.0.0.1",
  basePort: 4433,
  workers: 3,
  root: "./storage",
  logLevel: "info",
  logFormat: "pretty",
  startDeadlineMs: 10_000,
  readyDeadlineMs: 10_000,
  stallDeadlineMs: 5000,
  stopDeadlineMs: 10_000,
  drainDeadlineMs: 30_000,
  restart: DEFAULT_RESTART_POLICY,
  onManagerLoss: "drain",
  keptUploads: { count: 1000, bytes: 64 * 2 ** 30 },
} as const;

/**
 * Fills in the defaults and checks everything.
 *
 * @throws {InvalidOptionError} If a value is out of range or two contradict each other.
 * @throws {InvalidPortsError} If `ports` is malformed.
 * @throws {InvalidInstanceError} If `instance` is not a safe name.
 */
export function resolveConfig(flags: ManagerFlags = {}): ManagerConfig {
  checkOptions(ACTION, flags, OPTION_NAMES);
  for (const name of ["root", "msquicPath"] as const) {
    // An empty path would be the current directory, with all that is in it.
    if (flags[name] !== undefined) checkText(ACTION, name, flags[name]);
  }
  checkWord(ACTION, "onManagerLoss", flags.onManagerLoss, ["drain", "keep"]);
  checkWord(ACTION, "portPolicy", flags.portPolicy, ["skip", "refuse"]);
  return {
    instance: parseInstanceName(flags.instance ?? DEFAULT_INSTANCE),
    host: parseHost(flags.host ?? DEFAULTS.host),
    ports: planPorts(flags),
    root: absolutePath(flags.root ?? DEFAULTS.root),
    logLevel: parseLogLevel(flags.logLevel ?? DEFAULTS.logLevel),
    logFormat: parseLogFormat(flags.logFormat ?? DEFAULTS.logFormat),
    startDeadlineMs: duration(flags, "startDeadlineMs"),
    readyDeadlineMs: duration(flags, "readyDeadlineMs"),
    stallDeadlineMs: duration(flags, "stallDeadlineMs"),
    stopDeadlineMs: duration(flags, "stopDeadlineMs"),
    drainDeadlineMs: duration(flags, "drainDeadlineMs"),
    restart: { ...DEFAULTS.restart, ...restartSettings(flags.restart) },
    overrides: workerOverrides(flags.overrides),
    onManagerLoss: flags.onManagerLoss ?? DEFAULTS.onManagerLoss,
    keptUploads: keptUploadLimits(flags.keptUploads),
    ...(flags.portPolicy === undefined ? {} : { portPolicy: flags.portPolicy }),
    ...(flags.msquicPath === undefined ? {} : { msquicPath: flags.msquicPath }),
  };
}

/** What a configuration cannot do without, in the words of {@linkcode checkOptions}. */
const CONFIG_NAMES: OptionNames<Required<ManagerConfig>> = {
  instance: true,
  host: true,
  ports: true,
  root: true,
  logLevel: true,
  logFormat: true,
  startDeadlineMs: true,
  readyDeadlineMs: true,
  stallDeadlineMs: true,
  stopDeadlineMs: true,
  drainDeadlineMs: true,
  restart: true,
  overrides: true,
  onManagerLoss: true,
  keptUploads: true,
  portPolicy: true,
  msquicPath: true,
};

const OPTIONAL: ReadonlySet<string> = new Set(["portPolicy", "msquicPath"]);

/**
 * Refuses a configuration that {@linkcode resolveConfig} has not made: what is missing in it has no
 * default any more.
 *
 * @throws {InvalidOptionError}
 */
export function checkConfig(action: string, config: ManagerConfig): void {
  checkOptions(action, config, CONFIG_NAMES);
  const given: Partial<Record<string, unknown>> = { ...config };
  const missing = Object.keys(CONFIG_NAMES)
    .find((name) => !OPTIONAL.has(name) && given[name] === undefined);
  if (missing === undefined) return;
  throw new InvalidOptionError(
    `${action}: its configuration has no ${missing}; make it with resolveConfig()`,
  );
}

/** Flags and the settings of a file in one: where both say something, the flags hold. */
export function mergeFlags(file: ManagerFlags, flags: ManagerFlags): ManagerFlags {
  const given = Object.fromEntries(
    Object.entries(flags).filter(([, value]) => value !== undefined),
  ) as ManagerFlags;
  const merged = { ...file, ...given };
  // How many workers there are is one question, whichever way it is answered.
  if (given.workers === undefined && given.ports !== undefined) delete merged.workers;
  if (given.ports === undefined && given.workers !== undefined) delete merged.ports;
  return merged;
}

function workerOverrides(given: ManagerFlags["overrides"]): ReadonlyMap<number, WorkerOverrides> {
  if (given === undefined) return new Map();
  if (!(given instanceof Map)) {
    throw new InvalidOptionError(`${ACTION}: overrides must be a Map with ports as keys`);
  }
  return new Map(Array.from(given, ([port, { restart }]) => [
    port,
    restart === undefined ? {} : { restart: restartSettings(restart) },
  ]));
}

function keptUploadLimits(given: ManagerFlags["keptUploads"] = {}): KeptUploadLimits {
  checkOptions(ACTION, given, { count: true, bytes: true });
  const limits = { ...DEFAULTS.keptUploads, ...given };
  for (const [key, limit] of Object.entries(limits)) {
    if (Number.isSafeInteger(limit) && limit >= 0) continue;
    throw new InvalidOptionError(
      `${ACTION}: keptUploads.${key} must be a whole number from 0, not ${limit}`,
    );
  }
  return limits;
}

/** When and how the worker on `port` is started again. */
export function restartPolicyOf(config: ManagerConfig, port: number): RestartPolicy {
  return { ...config.restart, ...config.overrides.get(port)?.restart };
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

/** Reads an IP address. @throws {InvalidOptionError} If it is none. */
export function parseHost(host: string): string {
  if (host === "localhost") return "127.0.0.1";
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) !== 0) return address;
  throw new InvalidOptionError(
    `Cannot listen on host "${host}": give an IP address, 127.0.0.1 or :: for example`,
  );
}

function duration(flags: ManagerFlags, key: DurationKey): number {
  const ms = flags[key] ?? DEFAULTS[key];
  if (typeof ms === "number" && ms >= 0 && ms <= MAX_TIMER_MS) return Math.round(ms);
  throw new InvalidOptionError(
    `${ACTION}: ${key} must be a number from 0 to ${MAX_TIMER_MS}, not ${ms}`,
  );
}
