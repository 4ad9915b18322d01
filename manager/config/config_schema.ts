import * as v from "valibot";
import { type AccessGrant, findGrantMistake, type Mistake } from "../../base/access_grant.ts";
import { BYTE_RATE_WANTED, parseByteRate } from "../../base/byte_rate_text.ts";
import { type ClientGrants, findClientsMistake } from "../../base/client_grants.ts";
import { type Actions, findActionMistake } from "../../base/action_definition.ts";
import { type DirectoryQuotas, findQuotasMistake } from "../../base/quotas.ts";
import { findHooksMistake, type HookSettings } from "../../base/hook_settings.ts";
import { isPort, MAX_PORT } from "../../base/mod.ts";
import { MAX_WORKERS, parsePorts } from "./port_plan.ts";
import type { ConfigKey, ConfigKeys, Given, GivenAll, NamesOf, TopKey } from "./config_key.ts";
import { DAY_MS } from "./key_groups.ts";
import { KEYS, type Keys } from "./keys.ts";
import {
  CERTIFICATE_NAMES,
  isNamePattern,
  MAX_PATTERNS,
  NAME_PATTERNS,
  parseHost,
} from "./read_key.ts";
import { isCertificateName } from "../state/certificate_names.ts";

/** The largest exit code there is: Windows has 32 bits for it. */
const MAX_EXIT_CODE = 0xFFFFFFFF;

const LISTED_PORTS = `a list of 1 to ${MAX_WORKERS} ports`;

const { restart, overrides, ...others } = KEYS;

/** What a file may say; what is longest comes last in the messages that name all keys. */
const FILE_KEYS: ConfigKeys = Object.fromEntries(
  Object.entries<TopKey>({ ...others, restart, overrides }).filter(([, key]) => !key.notInFile),
);

/**
 * What a configuration file may say. The message of an issue is what is wanted in that place, so that
 * it can follow "must be".
 */
export const configSchema = object({
  $schema: v.exactOptional(v.string("a string")),
  ...schemasOf(FILE_KEYS),
}) as v.GenericSchema<unknown, ConfigFile>;

/** The content of a configuration file. */
export type ConfigFile =
  & { readonly $schema?: string }
  & {
    readonly [Name in Exclude<keyof Keys, NamesOf<Keys, { notInFile: true }>>]?: InFile<Keys[Name]>;
  };

/** What a file gives for a key: what JSON has, which is not all that a program has. */
type InFile<Key> = Key extends { type: "ports" } ? string | number[]
  : Key extends { type: "by-port"; keys: infer Keys } ? Readonly<Record<string, GivenAll<Keys>>>
  : Given<Key>;

function schemasOf(keys: ConfigKeys): v.ObjectEntries {
  return Object.fromEntries(
    Object.entries(keys).map(([name, key]) => [name, v.exactOptional(schemaOf(key))]),
  );
}

function schemaOf(key: ConfigKey): v.GenericSchema {
  switch (key.type) {
    case "address":
      return text("an IP address, 127.0.0.1 or :: for example", parseHost);
    case "ports":
      return v.union([
        text('ports like "4433-4435,4500"', parsePorts),
        v.pipe(portList(), v.minLength(1, LISTED_PORTS), v.maxLength(MAX_WORKERS, LISTED_PORTS)),
      ], 'ports like "4433-4435,4500" or [4433, 4434], each named once');
    case "name":
    case "directory":
    case "path":
    case "file":
      return v.pipe(v.string("a path"), v.minLength(1, "a path"));
    case "files":
      return paths();
    case "certificate-names":
      return certificateNames();
    case "name-patterns":
      return namePatterns();
    case "rate":
      return v.pipe(
        v.string(BYTE_RATE_WANTED),
        v.check((text) => parseByteRate(text) !== undefined, BYTE_RATE_WANTED),
      );
    case "deadline":
      return whole(key.min, DAY_MS);
    case "whole":
      return whole(key.min, key.max);
    case "share":
      return share();
    case "exit-codes":
      return list(whole(0, MAX_EXIT_CODE), "exit codes");
    case "actions":
      return checkedBy<Actions>(
        v.custom<Actions>(isObject, "an object with actions by their names"),
        findActionMistake,
      );
    case "hooks":
      return checkedBy<HookSettings>(
        v.custom<HookSettings>(isObject, "an object with hooks by their names"),
        findHooksMistake,
      );
    case "access":
      return checkedBy<AccessGrant>(
        v.custom<AccessGrant>(isObject, "an object with the keys allow, prefix"),
        findGrantMistake,
      );
    case "clients":
      return checkedBy<ClientGrants>(
        v.custom<ClientGrants>(isObject, "an object with clients by their names"),
        findClientsMistake,
      );
    case "quotas":
      return checkedBy<DirectoryQuotas>(
        v.custom<DirectoryQuotas>(isObject, "an object with bytes by names of directories"),
        findQuotasMistake,
      );
    case "choice":
    case "log-level":
    case "log-format":
      return oneOf(key.values);
    case "group":
      return object(schemasOf(key.keys));
    case "by-port":
      return v.pipe(
        v.custom<Record<string, unknown>>(isObject, "an object with ports as keys"),
        v.record(
          v.pipe(v.string(), v.check(isPortKey, "a port from 1 to 65535")),
          object(schemasOf(key.keys)),
        ),
      );
  }
}

function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  const keys = Object.keys(entries).join(", ");
  return v.pipe(
    v.custom<Record<string, unknown>>(isObject, `an object with the keys ${keys}`),
    v.strictObject(entries, `one of the keys ${keys}`),
  );
}

/** What has a check of its own; what is wrong with it is said of the very key. */
function checkedBy<Value>(
  schema: v.GenericSchema<Value>,
  findMistake: (value: unknown) => Mistake | undefined,
) {
  return v.pipe(
    schema,
    v.rawCheck(({ dataset, addIssue }) => {
      const mistake = dataset.typed ? findMistake(dataset.value) : undefined;
      if (mistake === undefined) return;
      const { path, wanted, unknownKey } = mistake;
      const items = pathItems(path, dataset.value, unknownKey ?? false);
      addIssue({ message: wanted, ...(items === undefined ? {} : { path: items }) });
    }),
  );
}

/** A path as valibot has it. */
function pathItems(
  path: readonly (string | number)[],
  value: unknown,
  unknownKey: boolean,
): [v.IssuePathItem, ...v.IssuePathItem[]] | undefined {
  let input: unknown = value;
  const [first, ...rest] = path.map((key, index): v.IssuePathItem => {
    const outer = input as Record<string, unknown>;
    input = outer[key];
    const origin = unknownKey && index === path.length - 1 ? "key" : "value";
    return typeof key === "number"
      ? { type: "array", origin: "value", input: outer as unknown as unknown[], key, value: input }
      : { type: "object", origin, input: outer, key, value: input };
  });
  return first === undefined ? undefined : [first, ...rest];
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

/** A list of paths, none of them twice. */
function paths() {
  const wanted = "a list of paths, each named once";
  return v.pipe(
    v.array(v.pipe(v.string(wanted), v.minLength(1, wanted)), wanted),
    v.check((all) => new Set(all).size === all.length, wanted),
  );
}

/** A list of names and addresses, none of them twice. */
function certificateNames() {
  const wanted = `a list of ${CERTIFICATE_NAMES}, each named once`;
  return v.pipe(
    v.array(v.pipe(v.string(wanted), v.check(isCertificateName, wanted)), wanted),
    v.check((all) => new Set(all).size === all.length, wanted),
  );
}

/** A list of patterns, none of them twice. */
function namePatterns() {
  const wanted = `a list of up to ${MAX_PATTERNS} ${NAME_PATTERNS}, each named once`;
  return v.pipe(
    v.array(v.pipe(v.string(wanted), v.check(isNamePattern, wanted)), wanted),
    v.maxLength(MAX_PATTERNS, wanted),
    v.check((all) => new Set(all).size === all.length, wanted),
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
  const port = whole(0, MAX_PORT);
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

function isPortKey(key: string): boolean {
  return /^[1-9]\d*$/.test(key) && isPort(Number(key));
}
