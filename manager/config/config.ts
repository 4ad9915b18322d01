import { checkOptions, InvalidOptionError } from "../../base/mod.ts";
import { MAX_WORKERS, parsePorts, type PortPlan } from "./port_plan.ts";
import { findContradiction } from "./contradictions.ts";
import type { Given, GivenAll, NamesOf, Settings } from "./config_key.ts";
import { BASE_PORT, KEYS, type Keys, NAMED_KEYS } from "./keys.ts";
import { ACTION, readKey } from "./read_key.ts";
import type { RestartPolicy } from "./restart_policy.ts";

export { InvalidOptionError };

/** What has no default: it may stay unsaid. */
type Optional = Exclude<keyof Keys, NamesOf<Keys, { default: unknown } | { type: "group" }>>;

/** What becomes the plan of ports. */
type Planned = "ports" | "workers";

/** Everything a manager needs to know before it starts: what the table of keys says, checked. */
export type ManagerConfig =
  & Settings<Omit<Keys, Optional | Planned>>
  & Partial<Settings<Pick<Keys, Exclude<Optional, Planned>>>>
  & { readonly ports: PortPlan };

/** What can be given on the command line or in a file; what is left out has a default. */
export type ManagerFlags = { -readonly [Name in keyof Keys]?: Given<Keys[Name]> | undefined };

/** What can be different for a single worker. */
export type WorkerOverrides = GivenAll<Keys["overrides"]["keys"]>;

/**
 * Fills in the defaults and checks everything.
 *
 * @throws {InvalidOptionError} If a value is out of range or two contradict each other.
 * @throws {InvalidPortsError} If `ports` is malformed.
 * @throws {InvalidInstanceError} If `instance` is not a safe name.
 */
export function resolveConfig(flags: ManagerFlags = {}): ManagerConfig {
  checkOptions(ACTION, flags, KEYS);
  const config: Record<string, unknown> = {};
  for (const [name, key] of NAMED_KEYS) {
    if (name === "workers") continue;
    const value = name === "ports" ? planPorts(flags) : readKey(name, key, flags[name]);
    if (value !== undefined) config[name] = value;
  }
  const { ports: _ports, workers: _workers, ...others } = flags;
  const contradiction = findContradiction(others);
  if (contradiction) throw new InvalidOptionError(`${ACTION}: ${contradiction.reason}`);
  return config as ManagerConfig;
}

/**
 * Refuses a configuration that {@linkcode resolveConfig} has not made: what is missing in it has no
 * default any more.
 *
 * @throws {InvalidOptionError}
 */
export function checkConfig(action: string, config: ManagerConfig): void {
  const { workers: _planned, ...keys } = KEYS;
  checkOptions(action, config, keys);
  const given: Partial<Record<string, unknown>> = { ...config };
  const missing = Object.entries(keys).find(([name, key]) =>
    given[name] === undefined && (name === "ports" || "default" in key || key.type === "group")
  );
  if (missing === undefined) return;
  throw new InvalidOptionError(
    `${action}: its configuration has no ${missing[0]}; make it with resolveConfig()`,
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

/** When and how the worker on `port` is started again. */
export function restartPolicyOf(config: ManagerConfig, port: number): RestartPolicy {
  return { ...config.restart, ...config.overrides.get(port)?.restart };
}

function planPorts({ ports, workers }: ManagerFlags): PortPlan {
  if (ports === undefined) {
    const count = checkWorkers(workers ?? KEYS.workers.default);
    return { kind: "from-base", base: BASE_PORT, count };
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
