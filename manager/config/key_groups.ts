import { SERVER_LIMITS } from "../../base/server_limits.ts";
import type { ConfigKeys, TopKey } from "./config_key.ts";

/** Milliseconds of a day: no deadline or delay is longer. */
export const DAY_MS: number = 24 * 60 * 60 * 1000;

const RESTART_KEYS = {
  initialDelayMs: {
    type: "whole",
    min: 0,
    max: DAY_MS,
    unit: "ms",
    default: 100,
    documentation: "delay before the first restart",
  },
  maxDelayMs: {
    type: "whole",
    min: 0,
    max: DAY_MS,
    unit: "ms",
    default: 30_000,
    documentation: "no delay is longer",
  },
  jitter: {
    type: "share",
    default: 0.5,
    documentation: "up to which share of a delay is taken off at random, from 0 to 1",
  },
  stableAfterMs: {
    type: "whole",
    min: 0,
    max: DAY_MS,
    unit: "ms",
    default: 10_000,
    documentation: "a run that lasted this long makes the delays begin anew",
  },
  intensity: {
    type: "whole",
    min: 0,
    max: 10_000,
    default: 10,
    documentation: "how many restarts there may be within `periodMs`; 0: none at all",
  },
  periodMs: {
    type: "whole",
    min: 1,
    max: DAY_MS,
    unit: "ms",
    default: 60_000,
    documentation: "the time in which restarts are counted",
  },
  doNotRestartExitCodes: {
    type: "exit-codes",
    default: [],
    documentation: "exit codes after which another start would be of no use",
  },
} as const satisfies ConfigKeys;

/** When workers that have died are started again. */
export const RESTART = {
  type: "group",
  keys: RESTART_KEYS,
  refusal: "Cannot restart workers as configured",
  documentation: "when workers that have died are started again, see below",
  concerns: "manager",
  changes: "restart",
} as const satisfies TopKey;

/** What bounds clients. */
export const LIMIT_KEYS = {
  connections: {
    type: "whole",
    ...SERVER_LIMITS.connections,
    documentation: "clients of a worker at once",
  },
  connectionsPerAddress: {
    type: "whole",
    ...SERVER_LIMITS.connectionsPerAddress,
    documentation: "of these, those of one address",
  },
  connectionsPerToken: {
    type: "whole",
    ...SERVER_LIMITS.connectionsPerToken,
    documentation: "of these, those of one token",
  },
  unauthenticated: {
    type: "whole",
    ...SERVER_LIMITS.unauthenticated,
    documentation: "connections at once whose client has not shown the token yet",
  },
  unauthenticatedPerAddress: {
    type: "whole",
    ...SERVER_LIMITS.unauthenticatedPerAddress,
    documentation: "of these, those of one address",
  },
  helloTimeoutMs: {
    type: "whole",
    ...SERVER_LIMITS.helloTimeoutMs,
    unit: "ms",
    documentation: "how long a client may take to show it",
  },
  wrongTokens: {
    type: "whole",
    ...SERVER_LIMITS.wrongTokens,
    documentation: "wrong tokens of one address before answers to more are held back",
  },
  streams: {
    type: "whole",
    ...SERVER_LIMITS.streams,
    documentation: "requests of one client under way at once, whatever they ask for",
  },
  requestsPerSecond: {
    type: "whole",
    ...SERVER_LIMITS.requestsPerSecond,
    documentation: "requests of one client in a second; `0` for any number",
  },
  requestsPerSecondPerToken: {
    type: "whole",
    ...SERVER_LIMITS.requestsPerSecondPerToken,
    documentation: "requests of all clients of one token in a second; `0` for any number",
  },
  bytesPerSecond: {
    type: "whole",
    ...SERVER_LIMITS.bytesPerSecond,
    documentation:
      "bytes from and to one client in a second, both together; `0` for as many as there can be",
  },
  bytesPerSecondPerToken: {
    type: "whole",
    ...SERVER_LIMITS.bytesPerSecondPerToken,
    documentation: "bytes from and to all clients of one token in a second; `0` likewise",
  },
  bodyBytes: {
    type: "whole",
    ...SERVER_LIMITS.bodyBytes,
    unit: "bytes",
    documentation: "length of a request's body, without the bytes of a file",
  },
  unreadBytes: {
    type: "whole",
    ...SERVER_LIMITS.unreadBytes,
    unit: "bytes",
    documentation:
      "memory for downloads that one client has not read yet, all of them together, beside 64 KiB for each",
  },
  uploads: {
    type: "whole",
    ...SERVER_LIMITS.uploads,
    documentation: "uploads at once in a worker, but for small files that come in one piece",
  },
} as const satisfies ConfigKeys;

/** What is kept of interrupted uploads. */
export const KEPT_UPLOADS_KEYS = {
  count: {
    type: "whole",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 1000,
    documentation: "how many uploads are kept",
  },
  bytes: {
    type: "whole",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    unit: "bytes",
    default: 64 * 2 ** 30,
    documentation: "how many bytes they may have together",
  },
} as const satisfies ConfigKeys;

/** What bounds requests that own handlers serve. */
export const REQUEST_KEYS = {
  deadlineMs: {
    type: "whole",
    min: 1,
    max: DAY_MS,
    unit: "ms",
    default: 30_000,
    documentation: "how long one may take; a sequence of answers takes what it takes",
  },
  perSession: {
    type: "whole",
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    default: 64,
    documentation: "how many of one client may be under way",
  },
  perType: {
    type: "whole",
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    default: 1000,
    documentation: "how many of one message type may be under way in a worker",
  },
} as const satisfies ConfigKeys;
