import type { LogLevel } from "@logtape/logtape";
import { type AccessGrant, findGrantMistake, type Mistake } from "../base/access_grant.ts";
import { type ClientGrants, findClientsMistake } from "../base/client_grants.ts";
import { type DirectoryQuotas, findQuotasMistake } from "../base/quotas.ts";
import { type Actions, findActionMistake } from "../base/action_definition.ts";
import { findHooksMistake, type HookSettings } from "../base/hook_settings.ts";
import { DURABILITIES } from "../base/durability.ts";
import { SPREADS } from "../base/spread.ts";
import { SERVER_LIMITS, type ServerLimits } from "../base/server_limits.ts";
import { CONGESTION_CONTROLS, MAX_PORT } from "../base/mod.ts";
import {
  booleanField,
  type Checked,
  type FieldCheck,
  type Fields,
  integer,
  logLevelField,
  malformed,
  objectField,
  optional,
  stringField,
  textsField,
  wordField,
} from "./checked_fields.ts";

export type { LogLevel };

/** What it does when its manager is gone. */
const MANAGER_LOSS = {
  /** Whether it goes on serving, until another manager of the instance takes over. */
  keep: booleanField,
  /** How long what is under way may go on if it leaves, in milliseconds. */
  deadlineMs: integer(0),
  /** Absolute path of the file that it logs to when nobody takes its lines any more. */
  logFile: stringField,
};

/** What bounds requests: how long one may take, in milliseconds, and how many there may be. */
const REQUESTS = { deadlineMs: integer(1), perSession: integer(1), perType: integer(1) };

/** What bounds its clients: each limit, with the least and the most that it may be. */
const LIMITS = Object.fromEntries(
  Object.entries(SERVER_LIMITS).map(([name, { min, max }]) => [name, integer(min, max)]),
) as Record<keyof ServerLimits, FieldCheck<number>>;

/** What tells the directory of the files from another one in its place. */
const ROOT_MARK = { id: stringField, place: stringField };

/** What a worker is told: each field, with how it is checked. */
export const WORKER_CONFIG = {
  instance: stringField,
  /** Address to listen on: an IPv4 or IPv6 literal. */
  host: stringField,
  /** UDP port; 0 lets the system choose. */
  port: integer(0, MAX_PORT),
  /** Directory of the files served. */
  root: stringField,
  certificateFile: stringField,
  privateKeyFile: stringField,
  /** What clients must show. */
  token: stringField,
  logLevel: logLevelField,
  logFormat: wordField("pretty", "json"),
  /** Path of libmsquic; looked up where it is missing. */
  msquicPath: optional(stringField),
  /** What it does when its manager is gone; by default it leaves. */
  onManagerLoss: optional(objectField(MANAGER_LOSS)),
  /** How much is kept of interrupted uploads; a worker's own idea of it by default. */
  keptUploads: optional(objectField({ count: integer(0), bytes: integer(0) })),
  /** How many bytes of the disk its uploads leave free; a storage's own idea of it by default. */
  minFreeBytes: optional(integer(0)),
  /** How many bytes directories may hold, by their names. */
  quotas: optional(quotasField),
  /** What is flushed before an upload is acknowledged; a storage's own idea of it by default. */
  durability: optional(wordField(...DURABILITIES)),
  /** How large a stored file may be, in bytes; as large as there is room for by default. */
  maxFileBytes: optional(integer(0)),
  /** Patterns of the names that stored files may have; any by default. */
  allowedNames: optional(textsField),
  /** Absolute paths of the modules with handlers that it serves besides its own. */
  handlers: optional(textsField),
  /** What bounds the requests that those serve; a server's own idea of it by default. */
  requests: optional(objectField(REQUESTS)),
  /** What bounds its clients; a server's own idea of it by default. */
  limits: optional(objectField(LIMITS)),
  /** What counts as load when clients are spread; a server's own idea of it by default. */
  spread: optional(wordField(...SPREADS)),
  /** Absolute path of a module that says so instead. */
  spreadModule: optional(stringField),
  /** How it finds out what a path takes; a server's own idea of it by default. */
  congestionControl: optional(wordField(...CONGESTION_CONTROLS)),
  /** How long a client may not be heard of, in milliseconds; a server's own idea of it by default. */
  idleTimeoutMs: optional(integer(1)),
  /** After how long without traffic it asks for a sign of life, in milliseconds; by default never. */
  keepAliveMs: optional(integer(0)),
  /** How many bytes its clients may make it hold; a server's own idea of it by default. */
  memoryBudgetBytes: optional(integer(1)),
  /** How much memory it may have in all; a worker's own idea of it by default. */
  memoryLimitBytes: optional(integer(1)),
  /** What clients without a token may do; by default they are not let in. */
  anonymous: optional(accessField),
  /** Absolute path of the PEM file with the authorities of clients' certificates; none are asked for by default. */
  clientCa: optional(stringField),
  /** Who is known by such a certificate. */
  clients: optional(clientsField),
  /** What clients may have run; nothing by default. */
  actions: optional(actionsField),
  /** How much of that at once. */
  maxActions: optional(integer(1)),
  /** Which actions are run before files are stored and removed; none by default. */
  hooks: optional(hooksField),
  /** Absolute paths of the modules with tasks that handlers may have done by their names. */
  tasks: optional(textsField),
  /** How many threads it has for tasks at most; a server's own idea of it by default. */
  taskThreads: optional(integer(1)),
  /** Whether its audit records go to the manager, which has a file for them; to its log otherwise. */
  audit: optional(booleanField),
  /** By which the directory is known; without, the worker prepares it itself. */
  rootMark: optional(objectField(ROOT_MARK)),
};

/** What somebody may do. @throws {SegmentCorruptError} */
function accessField(fields: Fields, key: string): AccessGrant {
  return checkedField(fields, key, findGrantMistake) as AccessGrant;
}

/** Who is known by a certificate. @throws {SegmentCorruptError} */
function clientsField(fields: Fields, key: string): ClientGrants {
  return checkedField(fields, key, findClientsMistake) as ClientGrants;
}

/** How much directories may hold. @throws {SegmentCorruptError} */
function quotasField(fields: Fields, key: string): DirectoryQuotas {
  return checkedField(fields, key, findQuotasMistake) as DirectoryQuotas;
}

/** Programs that clients may have run. @throws {SegmentCorruptError} */
function actionsField(fields: Fields, key: string): Actions {
  return checkedField(fields, key, findActionMistake) as Actions;
}

/** Actions in the place of hooks. @throws {SegmentCorruptError} */
function hooksField(fields: Fields, key: string): HookSettings {
  return checkedField(fields, key, findHooksMistake) as HookSettings;
}

function checkedField(
  fields: Fields,
  key: string,
  findMistake: (value: unknown) => Mistake | undefined,
): unknown {
  const value = fields[key];
  const mistake = findMistake(value);
  if (mistake === undefined) return value;
  throw malformed(`field "${[key, ...mistake.path].join(".")}" is not ${mistake.wanted}`);
}

/** What a worker needs to know to run. */
export type WorkerConfig = Checked<typeof WORKER_CONFIG>;

/** What a worker does when its manager is gone. */
export type ManagerLoss = Checked<typeof MANAGER_LOSS>;

/** What tells the directory of the files from another one in its place. */
export type RootMark = Checked<typeof ROOT_MARK>;
