import { isIP } from "node:net";
import {
  checkOptions,
  checkText,
  checkWhole,
  checkWord,
  CONGESTION_CONTROLS,
  type CongestionControl,
  InvalidOptionError,
  MAX_PORT,
  MAX_TIMER_MS,
  type OptionNames,
} from "../base/mod.ts";
import { type AccessGrant, findGrantMistake } from "../base/access_grant.ts";
import { type ClientGrants, findClientsMistake } from "../base/client_grants.ts";
import { isTokenGrant, type TokenGrant } from "../base/token_grant.ts";
import { LONGEST_HOOK_MS } from "../base/hook_settings.ts";
import { MAX_IDLE_MS, MIN_IDLE_MS } from "../base/idle_times.ts";
import type { Address } from "../ffi/mod.ts";
import type { DefinedHooks, HandlerRegistry, Storage } from "../handlers/messages/mod.ts";
import { type SpreadName, SPREADS } from "../base/spread.ts";
import { SERVER_LIMITS, type ServerLimits } from "../base/server_limits.ts";
import { MAX_TASK_THREADS } from "../base/task_threads.ts";
import type { TaskDefinition } from "../tasks/definition.ts";
import type { RequestFailure } from "./requests/dispatch.ts";
import { REQUEST_LIMITS, type RequestLimits } from "./requests/request_limits.ts";
import { isStrategy, type SpreadStrategy } from "./spread/strategy.ts";
import type { CounterSink } from "./transport.ts";

/** Options of {@linkcode Server.start}. */
export interface ServerOptions {
  /** Where to listen; the system chooses for port 0. */
  address: Address;
  /** PEM file. */
  certificateFile: string;
  /** PEM file. */
  privateKeyFile: string;
  /** What clients must show that may do everything. */
  token: string;
  /** Other tokens, by their digests, and what they allow; {@linkcode Server.updateTokens} changes them. */
  tokens?: readonly TokenGrant[];
  /** What clients may do that show no token; by default they are not let in. */
  anonymous?: AccessGrant;
  /**
   * Whether clients are asked for certificates, which they need not have: the PEM file of the authorities that
   * have signed them (`caFile`), and who is known by one, and may do what (`clients`). Clients cannot resume
   * sessions of TLS then.
   */
  clientCertificates?: { caFile: string; clients: ClientGrants };
  storage: Storage;
  /** What is served; by default {@linkcode builtinHandlers}. */
  handlers?: HandlerRegistry;
  /** Where to count what is done. */
  counters?: CounterSink;
  /**
   * Called with what a handler threw, where that is no refusal with a code of the protocol: the client
   * only hears that the server failed. By default, it is written to standard error. What else a server
   * has to say goes to LogTape, under the category `msquicd`.
   */
  onError?: (error: unknown, request: RequestFailure) => void;
  /** Called when all is ready but the socket; the port is bound right after it resolves. */
  beforeListening?: () => Promise<void>;
  /** The libmsquic to use; looked up by default. */
  msquicPath?: string;
  /** What bounds its clients; what is not said has its default, see `docs/configuration.md`. */
  limits?: Partial<ServerLimits>;
  /**
   * What bounds the requests that handlers of one's own serve, in one worker: how long one may take
   * (`deadlineMs`, 30,000 by default), and how many there may be at once of one client (`perSession`, 64)
   * and of one type (`perType`, 1,000).
   */
  requestLimits?: Partial<RequestLimits>;
  /** What is asked before files are stored and removed, one after the other. */
  hooks?: readonly DefinedHooks[];
  /** How long one of them may take that does not say, in milliseconds; 30,000 by default. */
  hookDeadlineMs?: number;
  /** Tasks that handlers may have done by their names alone. */
  tasks?: readonly TaskDefinition[];
  /**
   * How many threads there are at most for tasks; by default as many as the processors, but for one. They
   * are started when they are needed.
   */
  taskThreads?: number;
  /**
   * What counts as load when clients are spread over servers that know of each other: by default the clients
   * that they have (`sessions`); or `transfers`, `processor`, `none`, or a measure of one's own.
   */
  spread?: SpreadName | SpreadStrategy;
  /** How it finds out what the path to a client takes; `bbr` by default. */
  congestionControl?: CongestionControl;
  /**
   * How long a client may not be heard of before its session ends, in milliseconds: from 1,000 to an hour,
   * 30,000 by default. Where a client says less, that counts.
   */
  idleTimeoutMs?: number;
  /**
   * After how long without traffic a client is asked for a sign of life, in milliseconds, but three times within
   * the idle timeout at least; 0, the default, for never: clients of this project ask themselves.
   */
  keepAliveMs?: number;
  /**
   * How many bytes of memory all its clients together may make it hold for what is on its way: uploads
   * that have come and are not stored yet, downloads that have not arrived yet. When they are used up, new
   * transfers still go on, slowly. By default a sixteenth of the machine's memory, at least 64 MiB and at
   * most 512 MiB.
   */
  memoryBudgetBytes?: number;
}

const ACTION = "Cannot start a server";

const NAMES: OptionNames<ServerOptions> = {
  address: true,
  certificateFile: true,
  privateKeyFile: true,
  token: true,
  tokens: true,
  anonymous: true,
  clientCertificates: true,
  storage: true,
  handlers: true,
  counters: true,
  onError: true,
  beforeListening: true,
  msquicPath: true,
  limits: true,
  requestLimits: true,
  hooks: true,
  hookDeadlineMs: true,
  tasks: true,
  taskThreads: true,
  spread: true,
  congestionControl: true,
  idleTimeoutMs: true,
  keepAliveMs: true,
  memoryBudgetBytes: true,
};

/**
 * Checks them, so that nothing which is missing opens a door: no token for anybody, no host for every
 * address, no number of sessions for any number.
 *
 * @throws {InvalidOptionError} One is missing, does not exist, or cannot be used.
 */
export function checkServerOptions(options: ServerOptions): void {
  checkOptions(ACTION, options, NAMES);
  const { address, token, storage, msquicPath } = options;
  checkText(ACTION, "token", token);
  checkCertificateFiles(ACTION, options);
  checkTokens(ACTION, options.tokens);
  checkAnonymous(options.anonymous);
  checkClientCertificates(options.clientCertificates);
  if (msquicPath !== undefined) checkText(ACTION, "msquicPath", msquicPath);
  checkAddress(address);
  if (typeof storage !== "object" || storage === null) {
    throw new InvalidOptionError(`${ACTION}: storage must say where files are stored`);
  }
  for (const name of ["path", "staging", "receipts", "owner"] as const) {
    checkText(ACTION, `storage.${name}`, storage[name]);
  }
  checkLimits(options.limits);
  checkRequestLimits(options.requestLimits);
  checkHooks(options.hooks);
  checkWhole(ACTION, "hookDeadlineMs", options.hookDeadlineMs, 1, LONGEST_HOOK_MS);
  checkWhole(ACTION, "memoryBudgetBytes", options.memoryBudgetBytes, 1, Number.MAX_SAFE_INTEGER);
  checkWhole(ACTION, "taskThreads", options.taskThreads, 1, MAX_TASK_THREADS);
  checkWhole(ACTION, "idleTimeoutMs", options.idleTimeoutMs, MIN_IDLE_MS, MAX_IDLE_MS);
  checkWhole(ACTION, "keepAliveMs", options.keepAliveMs, 0, MAX_IDLE_MS);
  checkSpread(options.spread);
  checkWord(ACTION, "congestionControl", options.congestionControl, CONGESTION_CONTROLS);
}

/** The files of a certificate and its private key, in PEM form. */
export type CertificateFiles = Pick<ServerOptions, "certificateFile" | "privateKeyFile">;

/** @throws {InvalidOptionError} One of the paths is missing. */
export function checkCertificateFiles(
  action: string,
  { certificateFile, privateKeyFile }: Pick<ServerOptions, "certificateFile" | "privateKeyFile">,
): void {
  checkText(action, "certificateFile", certificateFile);
  checkText(action, "privateKeyFile", privateKeyFile);
}

function checkAnonymous(grant: unknown): void {
  const mistake = grant === undefined ? undefined : findGrantMistake(grant);
  if (mistake === undefined) return;
  const place = ["anonymous", ...mistake.path].join(".");
  throw new InvalidOptionError(`${ACTION}: ${place} must be ${mistake.wanted}`);
}

function checkClientCertificates(given: unknown): void {
  if (given === undefined) return;
  const name = "clientCertificates";
  checkOptions(`${ACTION}: ${name}`, given, { caFile: true, clients: true });
  const { caFile, clients } = given as { caFile?: unknown; clients?: unknown };
  checkText(ACTION, `${name}.caFile`, caFile);
  const mistake = findClientsMistake(clients);
  if (mistake === undefined) return;
  const place = [name, "clients", ...mistake.path].join(".");
  throw new InvalidOptionError(`${ACTION}: ${place} must be ${mistake.wanted}`);
}

/** @throws {InvalidOptionError} They are no list of tokens, or one of them makes no sense. */
export function checkTokens(action: string, tokens: unknown): void {
  if (tokens === undefined) return;
  if (!Array.isArray(tokens)) throw new InvalidOptionError(`${action}: tokens must be a list`);
  for (const [index, token] of tokens.entries()) {
    if (isTokenGrant(token)) continue;
    throw new InvalidOptionError(
      `${action}: tokens[${index}] must have a name, the SHA-256 of the token as digest, and ` +
        "scopes as allow",
    );
  }
}

function checkSpread(spread: unknown): void {
  if (typeof spread !== "object" || spread === null) {
    return checkWord(ACTION, "spread", spread, SPREADS);
  }
  if (isStrategy(spread)) return;
  throw new InvalidOptionError(`${ACTION}: spread must have a function load() and a margin from 0`);
}

function checkLimits(limits: unknown): void {
  if (limits === undefined) return;
  checkOptions(`${ACTION}: limits`, limits, SERVER_LIMITS);
  const given: Partial<Record<string, unknown>> = { ...limits as object };
  for (const [name, { min, max }] of Object.entries(SERVER_LIMITS)) {
    checkWhole(ACTION, `limits.${name}`, given[name], min, max);
  }
}

function checkRequestLimits(limits: unknown): void {
  if (limits === undefined) return;
  checkOptions(`${ACTION}: requestLimits`, limits, REQUEST_LIMITS);
  const { deadlineMs, perSession, perType } = limits as Partial<RequestLimits>;
  checkWhole(ACTION, "requestLimits.deadlineMs", deadlineMs, 1, MAX_TIMER_MS);
  checkWhole(ACTION, "requestLimits.perSession", perSession, 1, Number.MAX_SAFE_INTEGER);
  checkWhole(ACTION, "requestLimits.perType", perType, 1, Number.MAX_SAFE_INTEGER);
}

function checkHooks(hooks: unknown): void {
  if (hooks === undefined) return;
  if (Array.isArray(hooks) && hooks.every((one) => Object(one).isHooks === true)) return;
  throw new InvalidOptionError(`${ACTION}: hooks must be a list, each made with defineHooks`);
}

function checkAddress(address: unknown): void {
  const { hostname, port } = Object(address) as Partial<Record<string, unknown>>;
  if (typeof hostname !== "string" || isIP(hostname) === 0) {
    throw new InvalidOptionError(`${ACTION}: address.hostname must be an IP address to listen on`);
  }
  if (port === undefined) throw new InvalidOptionError(`${ACTION}: address.port is missing`);
  checkWhole(ACTION, "address.port", port, 0, MAX_PORT);
}
