import {
  CONGESTION_CONTROLS,
  DEFAULT_CONGESTION_CONTROL,
  DEFAULT_INSTANCE,
} from "../../base/mod.ts";
import { DEFAULT_IDLE_MS, MAX_IDLE_MS, MIN_IDLE_MS } from "../../base/idle_times.ts";
import { DEFAULT_MAX_ACTIONS } from "../../base/action_definition.ts";
import { DEFAULT_DURABILITY, DURABILITIES } from "../../base/durability.ts";
import { DEFAULT_SPREAD, SPREADS } from "../../base/spread.ts";
import { MAX_TASK_THREADS } from "../../base/task_threads.ts";
import { MAX_WORKERS } from "./port_plan.ts";
import type { TopKey } from "./config_key.ts";
import { KEPT_UPLOADS_KEYS, LIMIT_KEYS, REQUEST_KEYS, RESTART } from "./key_groups.ts";

/** The port from which on free ones are looked for. */
export const BASE_PORT = 4433;

/**
 * Everything that can be configured: the one place where a key is defined. What a file may say, the flags
 * of `start`, the defaults, what workers are told and the tables in `docs/configuration.md` come from it.
 */
export const KEYS = {
  instance: {
    type: "name",
    default: DEFAULT_INSTANCE,
    documentation: "which of this machine's managers it is",
    flag: { placeholder: "NAME", brief: "Name of this manager, to run several" },
    concerns: "worker",
    changes: "restart",
    notInFile: true,
  },
  host: {
    type: "address",
    default: "127.0.0.1",
    documentation:
      "IP address to listen on; `localhost` stands for 127.0.0.1, `::` for all addresses " +
      "of IPv4 and IPv6, `0.0.0.0` for those of IPv4",
    flag: { placeholder: "IP", brief: "Address to listen on; {default} by default" },
    concerns: "worker",
    changes: "restart",
  },
  ports: {
    type: "ports",
    documentation: 'UDP port of each worker: `"4433-4435,4500"`, or `[4433, 0]`',
    flag: {
      placeholder: "PORTS",
      brief: "UDP port of each worker, as in 4433-4435,4500; 0 for any",
    },
    concerns: "manager",
    changes: "restart",
  },
  workers: {
    type: "whole",
    min: 1,
    max: MAX_WORKERS,
    default: 3,
    documentation: `how many, on the free ports from ${BASE_PORT} up; not together with \`ports\``,
    flag: {
      placeholder: "N",
      brief: `How many workers, on the free ports from ${BASE_PORT} up; {default} by default`,
    },
    concerns: "manager",
    changes: "restart",
  },
  root: {
    type: "directory",
    default: "./storage",
    documentation: "where the files are kept",
    flag: { placeholder: "DIR", brief: "Where the files are kept; {default} by default" },
    concerns: "worker",
    changes: "restart",
  },
  logLevel: {
    type: "log-level",
    values: ["trace", "debug", "info", "warning", "error", "fatal"],
    default: "info",
    documentation: '`"trace"` `"debug"` `"info"` `"warning"` `"error"` `"fatal"`',
    flag: {
      placeholder: "LEVEL",
      brief: "trace, debug, info, warning, error or fatal; {default} by default",
    },
    concerns: "worker",
    changes: "restart",
  },
  logFormat: {
    type: "log-format",
    values: ["pretty", "json"],
    default: "pretty",
    documentation: '`"pretty"` or `"json"`',
    flag: { placeholder: "FORMAT", brief: "pretty or json; {default} by default" },
    concerns: "worker",
    changes: "restart",
  },
  startDeadlineMs: {
    type: "deadline",
    min: 1,
    unit: "ms",
    default: 10_000,
    documentation: "until its process is up and has opened its shared memory",
    concerns: "manager",
    changes: "restart",
  },
  readyDeadlineMs: {
    type: "deadline",
    min: 1,
    unit: "ms",
    default: 10_000,
    documentation: "from then on, until it listens",
    concerns: "manager",
    changes: "restart",
  },
  stallDeadlineMs: {
    type: "deadline",
    min: 1000,
    unit: "ms",
    default: 5000,
    documentation: "later on, without a sign of life, before it is ended; at least 1000",
    concerns: "manager",
    changes: "restart",
  },
  stopDeadlineMs: {
    type: "deadline",
    min: 0,
    unit: "ms",
    default: 10_000,
    documentation: "to finish what is under way, for `stop` and `shutdown`",
    concerns: "manager",
    changes: "restart",
  },
  drainDeadlineMs: {
    type: "deadline",
    min: 0,
    unit: "ms",
    default: 30_000,
    documentation: "the same, for `drain` and `restart`; `--deadline` wins over both",
    concerns: "manager",
    changes: "restart",
  },
  restart: RESTART,
  overrides: {
    type: "by-port",
    keys: { restart: RESTART },
    default: {},
    documentation: "what is different for single workers, by port: `restart`",
    concerns: "manager",
    changes: "restart",
  },
  onManagerLoss: {
    type: "choice",
    values: ["drain", "keep"],
    default: "drain",
    documentation: 'what workers do when their manager is killed: `"drain"` or `"keep"`',
    flag: {
      brief: "What workers do when this manager is killed: leave, or go on until the next start",
    },
    concerns: "manager",
    changes: "restart",
  },
  keptUploads: {
    type: "group",
    keys: KEPT_UPLOADS_KEYS,
    documentation: "how much is kept of interrupted uploads, see below",
    concerns: "worker",
    changes: "restart",
  },
  minFreeBytes: {
    type: "whole",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    unit: "bytes",
    documentation:
      "how much of the disk uploads leave free; 64 MiB, or 1 % of a smaller disk, where nothing is said",
    concerns: "worker",
    changes: "restart",
  },
  quotas: {
    type: "quotas",
    default: {},
    documentation: "how many bytes directories may hold, by their names, see below",
    concerns: "worker",
    changes: "restart",
  },
  durability: {
    type: "choice",
    values: DURABILITIES,
    default: DEFAULT_DURABILITY,
    documentation:
      'what is flushed to the disk before an upload is acknowledged: `"none"`, `"file"`, or `"full"`, ' +
      "see below",
    concerns: "worker",
    changes: "restart",
  },
  maxFileBytes: {
    type: "whole",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    unit: "bytes",
    documentation:
      "how large a stored file may be; as large as there is room for, where nothing is said",
    concerns: "worker",
    changes: "restart",
  },
  allowedNames: {
    type: "name-patterns",
    default: [],
    documentation:
      "patterns of what stored files may be called; any name where there are none, see below",
    concerns: "worker",
    changes: "restart",
  },
  handlers: {
    type: "files",
    default: [],
    documentation: "modules with handlers of your own, see below",
    concerns: "worker",
    changes: "restart",
  },
  requests: {
    type: "group",
    keys: REQUEST_KEYS,
    documentation: "what bounds the requests that those handlers serve, see below",
    concerns: "worker",
    changes: "restart",
  },
  limits: {
    type: "group",
    keys: LIMIT_KEYS,
    documentation: "what bounds the clients of a worker, and each of them, see below",
    concerns: "worker",
    changes: "restart",
  },
  limitRate: {
    type: "rate",
    default: "none",
    documentation:
      'bytes that all clients send and receive in a second, both together: `"500k"`, `"10M"`, or ' +
      '`"none"` for any number; `limit-rate` changes it, see below',
    flag: {
      placeholder: "RATE",
      brief: "Bytes that all clients send and receive in a second, like 10M; {default} by default",
    },
    concerns: "manager",
    changes: "restart",
  },
  spread: {
    type: "choice",
    values: SPREADS,
    default: DEFAULT_SPREAD,
    documentation:
      'what counts as load when clients are spread over workers: `"sessions"` `"transfers"` ' +
      '`"processor"`, or `"none"`, see below',
    concerns: "worker",
    changes: "restart",
  },
  spreadModule: {
    type: "directory",
    documentation: "module that says what counts as load instead, see below",
    concerns: "worker",
    changes: "restart",
  },
  congestionControl: {
    type: "choice",
    values: CONGESTION_CONTROLS,
    default: DEFAULT_CONGESTION_CONTROL,
    documentation: 'how downloads find out what the network takes: `"bbr"` or `"cubic"`, see below',
    flag: { brief: "How downloads find out what the network takes" },
    concerns: "worker",
    changes: "restart",
  },
  idleTimeoutMs: {
    type: "whole",
    min: MIN_IDLE_MS,
    max: MAX_IDLE_MS,
    unit: "ms",
    default: DEFAULT_IDLE_MS,
    documentation: "how long a client may not be heard of before its session ends, see below",
    concerns: "worker",
    changes: "restart",
  },
  keepAliveMs: {
    type: "whole",
    min: 0,
    max: MAX_IDLE_MS,
    unit: "ms",
    default: 0,
    documentation:
      "after how long without traffic a worker asks a client for a sign of life; 0: never",
    concerns: "worker",
    changes: "restart",
  },
  memoryBudgetBytes: {
    type: "whole",
    min: 16 * 2 ** 20,
    max: Number.MAX_SAFE_INTEGER,
    unit: "bytes",
    documentation:
      "memory that each worker may hold for its clients' transfers; a sixteenth of the machine's, " +
      "from 64 to 512 MiB, where nothing is said, see below",
    concerns: "worker",
    changes: "restart",
  },
  memoryLimitBytes: {
    type: "whole",
    min: 256 * 2 ** 20,
    max: Number.MAX_SAFE_INTEGER,
    unit: "bytes",
    documentation:
      "memory that each worker may have in all; a quarter of the machine's, at least 512 MiB, and " +
      "`memoryBudgetBytes`, where nothing is said, see below",
    concerns: "worker",
    changes: "restart",
  },
  anonymous: {
    type: "access",
    documentation: "what clients without a token may do, which nobody is let in without, see below",
    concerns: "worker",
    changes: "restart",
  },
  clientCa: {
    type: "path",
    documentation: "PEM file of the authorities whose certificates clients may show, see below",
    concerns: "worker",
    changes: "restart",
  },
  clients: {
    type: "clients",
    default: {},
    documentation: "who is known by such a certificate, and what each may do, see below",
    concerns: "worker",
    changes: "restart",
  },
  actions: {
    type: "actions",
    default: {},
    documentation: "programs that clients may have run, by name, see below",
    concerns: "worker",
    changes: "restart",
  },
  maxActions: {
    type: "whole",
    min: 1,
    max: 1000,
    default: DEFAULT_MAX_ACTIONS,
    documentation: "how many of them may run at once in one worker",
    concerns: "worker",
    changes: "restart",
  },
  hooks: {
    type: "hooks",
    default: {},
    documentation:
      "which actions are run before files are stored and removed, and may refuse it, see below",
    concerns: "worker",
    changes: "restart",
  },
  tasks: {
    type: "files",
    default: [],
    documentation: "modules with tasks of your own for threads, see below",
    concerns: "worker",
    changes: "restart",
  },
  taskThreads: {
    type: "whole",
    min: 1,
    max: MAX_TASK_THREADS,
    documentation:
      "threads of each worker for tasks, at most; by default its share of the cores, but for one, " +
      "and one at least",
    concerns: "worker",
    changes: "restart",
  },
  portPolicy: {
    type: "choice",
    values: ["skip", "refuse"],
    documentation: 'where a port is taken: `"refuse"` to start, or `"skip"` it, see below',
    flag: { brief: "Where a port is taken: use the next free one, or do not start" },
    concerns: "manager",
    changes: "restart",
  },
  auditFile: {
    type: "path",
    documentation:
      "file that refusals and changes are written to, one line of JSON for each; those " +
      "but for changes of files go to the log where nothing is said, see below",
    concerns: "manager",
    changes: "restart",
  },
  certificateFile: {
    type: "path",
    documentation: "PEM file of the certificate, with those of its authorities after it; " +
      "one of the state directory where nothing is said, see below",
    concerns: "manager",
    changes: "restart",
  },
  privateKeyFile: {
    type: "path",
    documentation: "PEM file of its private key; both, or neither",
    concerns: "manager",
    changes: "restart",
  },
  certificateNames: {
    type: "certificate-names",
    default: [],
    documentation: "names and addresses that a certificate is made out to which msquicd makes, " +
      "besides those of the machine, see below",
    concerns: "manager",
    changes: "restart",
  },
  msquicPath: {
    type: "file",
    documentation: "path of libmsquic, where it is not to be looked up",
    concerns: "worker",
    changes: "restart",
    notInFile: true,
    environment: "MSQUIC_PATH",
  },
} as const satisfies Readonly<Record<string, TopKey>>;

/** The table, as a type. */
export type Keys = typeof KEYS;

/** Every key with its name, in the table's order. */
export const NAMED_KEYS: readonly (readonly [name: keyof Keys, key: TopKey])[] = Object.entries(
  KEYS,
) as [keyof Keys, TopKey][];
