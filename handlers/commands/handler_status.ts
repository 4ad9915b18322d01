import { type Schema, schemaOf } from "./schema.ts";

/** What serves a type of message in a worker, as `handlers --json` prints it. */
export interface HandlerStatus {
  type: number;
  name: string;
  /** What a client must be allowed to do, each of it. */
  rights: string[];
  /** Whether it answers with a sequence. */
  sequence: boolean;
  /** Whether it answers in the moment a request comes, and so has no bounds. */
  atOnce: boolean;
  /** Whether requests may come in datagrams. */
  datagrams: boolean;
  /** The file that it comes from; `null` for msquicd's own. */
  module: string | null;
  /** How long a request may take, in milliseconds; `null` without a limit. */
  deadlineMs: number | null;
  /** How many requests there may be at once; `null` without a limit. */
  maxRequests: number | null;
  /** How many there are now; `null` where they are not counted. */
  underWay: number | null;
}

/** The handlers of one worker. */
export interface HandlersResult {
  /** The worker's. */
  port: number;
  /** By their types. */
  handlers: HandlerStatus[];
}

/** Schema of {@linkcode HandlersResult}. */
export const handlersResult: Schema<HandlersResult> = schemaOf<HandlersResult>()((v) =>
  v.object({
    port: v.number(),
    handlers: v.array(v.object({
      type: v.number(),
      name: v.string(),
      rights: v.array(v.string()),
      sequence: v.boolean(),
      atOnce: v.boolean(),
      datagrams: v.boolean(),
      module: v.nullable(v.string()),
      deadlineMs: v.nullable(v.number()),
      maxRequests: v.nullable(v.number()),
      underWay: v.nullable(v.number()),
    })),
  })
);
