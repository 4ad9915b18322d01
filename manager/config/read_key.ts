import { isIP } from "node:net";
import {
  absolutePath,
  checkOptions,
  checkText,
  checkWhole,
  checkWord,
  InvalidOptionError,
  MAX_TIMER_MS,
} from "../../base/mod.ts";
import { BYTE_RATE_WANTED, parseByteRate } from "../../base/byte_rate_text.ts";
import { findGrantMistake, type Mistake } from "../../base/access_grant.ts";
import { findClientsMistake } from "../../base/client_grants.ts";
import { findQuotasMistake } from "../../base/quotas.ts";
import { findActionMistake } from "../../base/action_definition.ts";
import { findHooksMistake } from "../../base/hook_settings.ts";
import { parseLogFormat, parseLogLevel } from "../../log/mod.ts";
import { parsePorts } from "./port_plan.ts";
import { isCertificateName } from "../state/certificate_names.ts";
import { parseInstanceName } from "../state/instance_name.ts";
import type { ConfigKey, ConfigKeys } from "./config_key.ts";

/** What a certificate can be made out to. */
export const CERTIFICATE_NAMES = "host names, of letters that DNS has, and IP addresses";

/** What stored files may be called. */
export const NAME_PATTERNS = 'patterns of names, as "*.jpg" or "photos/**"';

/** How many patterns there may be, and how long one may be. */
export const MAX_PATTERNS = 100;
const MAX_PATTERN_LENGTH = 255;

/** Whether a text can match the name of a file that is stored. */
export function isNamePattern(text: string): boolean {
  return text.length > 0 && text.length <= MAX_PATTERN_LENGTH && !/^\/|\/$|\/\/|\\/.test(text);
}

/** What refusals begin with. */
export const ACTION = "Cannot configure a manager";

/**
 * Checks what a program or a flag gives for a key.
 *
 * @param given Undefined for nothing, which stands for the default.
 * @returns Undefined, if there is no default either.
 * @throws {InvalidOptionError} It cannot be used.
 * @throws {InvalidPortsError} It is a list of ports that is malformed.
 * @throws {InvalidInstanceError} It is no safe name of an instance.
 */
export function readKey(name: string, key: ConfigKey, given: unknown): unknown {
  const place = { action: ACTION, name };
  if (key.type === "group") {
    return { ...defaultsOf(key.keys), ...readGroup(place, key, given === undefined ? {} : given) };
  }
  if (key.type === "by-port") return given === undefined ? new Map() : readPorts(place, key, given);
  const value = given ?? key.default;
  return value === undefined ? undefined : readValue(place, key, value);
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

/** The defaults of a group's keys. */
export function defaultsOf(keys: ConfigKeys): Record<string, unknown> {
  return Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, key.default]));
}

/** Where a value is, for refusals. */
interface Place {
  readonly action: string;
  readonly name: string;
}

type Group = Extract<ConfigKey, { type: "group" }>;
type ByPort = Extract<ConfigKey, { type: "by-port" }>;

function readValue({ action, name }: Place, key: ConfigKey, value: unknown): unknown {
  switch (key.type) {
    case "name":
      return parseInstanceName(value as string);
    case "address":
      return parseHost(value as string);
    case "ports":
      return parsePorts(value as string);
    case "log-level":
      return parseLogLevel(value as string);
    case "log-format":
      return parseLogFormat(value as string);
    case "directory":
    case "path":
      // An empty path would be the current directory, with all that is in it.
      checkText(action, name, value);
      return absolutePath(value);
    case "file":
      checkText(action, name, value);
      return value;
    case "files":
      if (!Array.isArray(value)) {
        throw new InvalidOptionError(`${action}: ${name} must be a list of paths`);
      }
      return value.map((path, index) => {
        checkText(action, `${name}[${index}]`, path);
        return absolutePath(path);
      });
    case "certificate-names":
      if (
        Array.isArray(value) &&
        value.every((one) => typeof one === "string" && isCertificateName(one))
      ) return value;
      throw new InvalidOptionError(`${action}: ${name} must be a list of ${CERTIFICATE_NAMES}`);
    case "name-patterns":
      if (
        Array.isArray(value) && value.length <= MAX_PATTERNS &&
        value.every((one) => typeof one === "string" && isNamePattern(one))
      ) return value;
      throw new InvalidOptionError(`${action}: ${name} must be a list of ${NAME_PATTERNS}`);
    case "rate":
      if (typeof value === "string" && parseByteRate(value) !== undefined) return value;
      throw new InvalidOptionError(`${action}: ${name} must be ${BYTE_RATE_WANTED}`);
    case "choice":
      checkWord(action, name, value, key.values);
      return value;
    case "whole":
      if (key.max < Number.MAX_SAFE_INTEGER) checkWhole(action, name, value, key.min, key.max);
      else if (!Number.isSafeInteger(value) || Number(value) < key.min) {
        throw new InvalidOptionError(
          `${action}: ${name} must be a whole number from ${key.min}, not ${value}`,
        );
      }
      return value;
    case "deadline":
      if (isBetween(value, 0, MAX_TIMER_MS)) return Math.round(value);
      throw new InvalidOptionError(
        `${action}: ${name} must be a number from 0 to ${MAX_TIMER_MS}, not ${value}`,
      );
    case "share":
      if (isBetween(value, 0, 1)) return value;
      throw new InvalidOptionError(
        `${action}: ${name} must be a number from 0 to 1, not ${value}`,
      );
    case "exit-codes":
      if (Array.isArray(value) && value.every(Number.isInteger)) return value;
      throw new InvalidOptionError(`${action}: ${name} must be a list of exit codes`);
    case "actions":
      return readChecked({ action, name }, value, findActionMistake);
    case "hooks":
      return readChecked({ action, name }, value, findHooksMistake);
    case "access":
      return readChecked({ action, name }, value, findGrantMistake);
    case "clients":
      return readChecked({ action, name }, value, findClientsMistake);
    case "quotas":
      return readChecked({ action, name }, value, findQuotasMistake);
    case "group":
      return readGroup({ action, name }, key, value);
    case "by-port":
      return readPorts({ action, name }, key, value);
  }
}

function readChecked(
  { action, name }: Place,
  value: unknown,
  findMistake: (value: unknown) => Mistake | undefined,
): unknown {
  const mistake = findMistake(value);
  if (mistake === undefined) return value;
  const { path, wanted } = mistake;
  throw new InvalidOptionError(`${action}: ${[name, ...path].join(".")} must be ${wanted}`);
}

/** What is given of a group. What is undefined in it is left out, and so replaces no default. */
function readGroup(outer: Place, { keys, refusal }: Group, given: unknown): object {
  const action = refusal ?? outer.action;
  checkOptions(action, given, keys);
  const placeOf = (inner: string): Place => ({
    action,
    name: refusal === undefined ? `${outer.name}.${inner}` : inner,
  });
  return readKeys(keys, given, placeOf);
}

function readPorts({ action, name }: Place, { keys }: ByPort, given: unknown): unknown {
  if (!(given instanceof Map)) {
    throw new InvalidOptionError(`${action}: ${name} must be a Map with ports as keys`);
  }
  return new Map(Array.from(given, ([port, values]) => {
    checkOptions(action, values, keys);
    return [port, readKeys(keys, values, (inner) => ({ action, name: inner }))];
  }));
}

function readKeys(keys: ConfigKeys, given: unknown, placeOf: (name: string) => Place): object {
  const values: Readonly<Record<string, unknown>> = { ...given as object };
  return Object.fromEntries(
    Object.entries(keys)
      .filter(([name]) => values[name] !== undefined)
      .map(([name, key]) => [name, readValue(placeOf(name), key, values[name])]),
  );
}

function isBetween(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && value >= min && value <= max;
}
