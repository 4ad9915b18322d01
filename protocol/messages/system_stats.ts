import type { MessageDefinition } from "../definition.ts";
import {
  type Fields,
  fieldsOf,
  hasField,
  integerField,
  listField,
  numberField,
  sizeField,
  textField,
} from "../fields.ts";
import { MAX_PORT } from "../../base/mod.ts";
import {
  type EmptyRequest,
  mapField,
  MAX_UPTIME_MS,
  parseNothing,
  TURN_QUANTILES,
  type TurnQuantile,
} from "../system_bodies.ts";

/** Most classes of a histogram of turns. */
const MAX_CLASSES = 64;

/** Most actions that a server tells of, and the longest name of one, in UTF-16 code units. */
const MAX_RUNNING = 1000;
const MAX_ACTION_TEXT = 256;

/** Longest turn that a bound names, in milliseconds. */
const MAX_TURN_MS = 86_400_000;

/** Answer to `system.stats`: all of one worker, since it was started. */
export interface SystemStatsResponse {
  /** The worker's UDP port. */
  port: number;
  /** The worker's process. */
  pid: number;
  /** Since it was ready, in milliseconds. */
  uptimeMs: number;
  /** What it counts, by name; what there is depends on the server's version. */
  counters: Record<string, number>;
  loop: LoopStats;
  sessions: SessionStats;
  /** The actions that run; older servers do not say. */
  actions?: RunningAction[];
}

/** An action that runs. */
export interface RunningAction {
  name: string;
  /** The client's session. */
  session: string;
  /** For how long it has run, in milliseconds. */
  ms: number;
}

/** How MsQuic's event loop does. A turn that takes long delays every connection by as much. */
export interface LoopStats {
  /** How many turns it has made. */
  turns: number;
  /** The classes that turns are sorted into: each up to its bound, and above the one before. */
  boundsMs: number[];
  /** How many turns were in each class; one more is for those above all bounds. */
  counts: number[];
  /** Bounds that so many of the turns have not exceeded; missing where that is above all bounds. */
  quantilesMs: Partial<Record<TurnQuantile, number>>;
}

/** The clients that are connected, by what they are at. */
export interface SessionStats {
  /** Whose TLS handshake goes on; older servers do not say. */
  handshaking?: number;
  authenticating: number;
  active: number;
  draining: number;
  closing: number;
}

/** Tells what a worker has done, and how it is. */
export const systemStats: MessageDefinition<EmptyRequest, SystemStatsResponse, 34> = {
  type: 34,
  name: "system.stats",
  right: "system",
  parseRequest: parseNothing,
  parseResponse(body) {
    const fields = fieldsOf(body);
    const stats: SystemStatsResponse = {
      port: integerField(fields, "port", 0, MAX_PORT),
      pid: integerField(fields, "pid", 0, Number.MAX_SAFE_INTEGER),
      uptimeMs: integerField(fields, "uptimeMs", 0, MAX_UPTIME_MS),
      counters: parseCounters(mapField(fields, "counters")),
      loop: parseLoop(mapField(fields, "loop")),
      sessions: parseSessions(mapField(fields, "sessions")),
    };
    if (hasField(fields, "actions")) {
      stats.actions = listField(fields, "actions", MAX_RUNNING, parseAction);
    }
    return stats;
  },
};

function parseCounters(fields: Fields): Record<string, number> {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, sizeField(fields, name)]));
}

function parseLoop(fields: Fields): LoopStats {
  const bound = (value: unknown) => numberField({ boundsMs: value }, "boundsMs", 0, MAX_TURN_MS);
  const count = (value: unknown) => sizeField({ counts: value }, "counts");
  const quantiles = mapField(fields, "quantilesMs");
  const told = (Object.keys(TURN_QUANTILES) as TurnQuantile[]).filter((name) =>
    hasField(quantiles, name)
  );
  return {
    turns: sizeField(fields, "turns"),
    boundsMs: listField(fields, "boundsMs", MAX_CLASSES, bound),
    counts: listField(fields, "counts", MAX_CLASSES, count),
    quantilesMs: Object.fromEntries(
      told.map((name) => [name, numberField(quantiles, name, 0, MAX_TURN_MS)]),
    ),
  };
}

function parseSessions(fields: Fields): SessionStats {
  const stats: SessionStats = {
    authenticating: sizeField(fields, "authenticating"),
    active: sizeField(fields, "active"),
    draining: sizeField(fields, "draining"),
    closing: sizeField(fields, "closing"),
  };
  if (hasField(fields, "handshaking")) stats.handshaking = sizeField(fields, "handshaking");
  return stats;
}

function parseAction(value: unknown): RunningAction {
  const fields = fieldsOf(value, "An action");
  return {
    name: textField(fields, "name", MAX_ACTION_TEXT),
    session: textField(fields, "session", MAX_ACTION_TEXT),
    ms: sizeField(fields, "ms"),
  };
}
