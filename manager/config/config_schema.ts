import * as v from "valibot";
import { parseHost } from "./config.ts";
import { MAX_WORKERS, parsePorts } from "../ports/port_plan.ts";

/** Milliseconds of a day: no deadline or delay is longer. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** The largest exit code there is: Windows has 32 bits for it. */
const MAX_EXIT_CODE = 0xFFFFFFFF;

const LOG_LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;
const LOG_FORMATS = ["pretty", "json"] as const;
const PORT_POLICIES = ["skip", "refuse"] as const;
const MANAGER_LOSS = ["drain", "keep"] as const;

const LISTED_PORTS = `a list of 1 to ${MAX_WORKERS} ports`;

const restart = object({
  initialDelayMs: v.exactOptional(whole(0, DAY_MS)),
  maxDelayMs: v.exactOptional(whole(0, DAY_MS)),
  jitter: v.exactOptional(share()),
  stableAfterMs: v.exactOptional(whole(0, DAY_MS)),
  intensity: v.exactOptional(whole(0, 10_000)),
  periodMs: v.exactOptional(whole(1, DAY_MS)),
  doNotRestartExitCodes: v.exactOptional(list(whole(0, MAX_EXIT_CODE), "exit codes")),
});

/**
 * What a configuration file may say. The message of an issue is what is wanted in that place, so that
 * it can follow "must be".
 */
export const configSchema = object({
  $schema: v.exactOptional(v.string("a string")),
  host: v.exactOptional(text("an IP address, 127.0.0.1 or :: for example", parseHost)),
  ports: v.exactOptional(v.union([
    text('ports like "4433-4435,4500"', parsePorts),
    v.pipe(portList(), v.minLength(1, LISTED_PORTS), v.maxLength(MAX_WORKERS, LISTED_PORTS)),
  ], 'ports like "4433-4435,4500" or [4433, 4434], each named once')),
  workers: v.exactOptional(whole(1, MAX_WORKERS)),
  root: v.exactOptional(v.pipe(v.string("a path"), v.minLength(1, "a path"))),
  logLevel: v.exactOptional(oneOf(LOG_LEVELS)),
  logFormat: v.exactOptional(oneOf(LOG_FORMATS)),
  startDeadlineMs: v.exactOptional(whole(1, DAY_MS)),
  readyDeadlineMs: v.exactOptional(whole(1, DAY_MS)),
  stallDeadlineMs: v.exactOptional(whole(1000, DAY_MS)),
  stopDeadlineMs: v.exactOptional(whole(0, DAY_MS)),
  drainDeadlineMs: v.exactOptional(whole(0, DAY_MS)),
  onManagerLoss: v.exactOptional(oneOf(MANAGER_LOSS)),
  keptUploads: v.exactOptional(object({
    count: v.exactOptional(whole(0, Number.MAX_SAFE_INTEGER)),
    bytes: v.exactOptional(whole(0, Number.MAX_SAFE_INTEGER)),
  })),
  portPolicy: v.exactOptional(oneOf(PORT_POLICIES)),
  restart: v.exactOptional(restart),
  overrides: v.exactOptional(
    v.pipe(
      v.custom<Record<string, unknown>>(isObject, "an object with ports as keys"),
      v.record(
        v.pipe(v.string(), v.check(isPort, "a port from 1 to 65535")),
        object({ restart: v.exactOptional(restart) }),
      ),
    ),
  ),
});

/** The content of a configuration file. */
export type ConfigFile = v.InferOutput<typeof configSchema>;

function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  const keys = Object.keys(entries).join(", ");
  return v.pipe(
    v.custom<Record<string, unknown>>(isObject, `an object with the keys ${keys}`),
    v.strictObject(entries, `one of the keys ${keys}`),
  );
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function whole(min: number, max: number) {
  const wanted = `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(wanted),
    v.integer(wanted),
    v.minValue(min, wanted),
    v.maxValue(max, wanted),
  );
}

function share() {
  const wanted = "a number from 0 to 1";
  return v.pipe(v.number(wanted), v.minValue(0, wanted), v.maxValue(1, wanted));
}

function oneOf<const Values extends readonly string[]>(values: Values) {
  return v.picklist(
    values,
    values.map((value) => `"${value}"`).join(", ").replace(/, ([^,]*)$/, " or $1"),
  );
}

/** A list in which nothing is twice. */
function list<const Item extends v.GenericSchema<number>>(item: Item, what: string) {
  const wanted = `a list of ${what}, each named once`;
  return v.pipe(v.array(item, wanted), v.check((all) => new Set(all).size === all.length, wanted));
}

/** A list of ports, of which only 0, for any port, may be there twice. */
function portList() {
  const wanted = "a list of ports, each named once";
  const port = whole(0, 65535);
  return v.pipe(
    v.array(port, wanted),
    v.check((all) => {
      const named = all.filter((port) => port !== 0);
      return new Set(named).size === named.length;
    }, wanted),
  );
}

/** A text that `parse` understands. */
function text(wanted: string, parse: (text: string) => unknown) {
  return v.pipe(v.string(wanted), v.check((value) => isUnderstood(value, parse), wanted));
}

function isUnderstood(value: string, parse: (text: string) => unknown): boolean {
  try {
    parse(value);
    return true;
  } catch {
    return false;
  }
}

function isPort(key: string): boolean {
  return /^[1-9]\d{0,4}$/.test(key) && Number(key) <= 65535;
}
