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

/** What is asked before files are stored and removed, as `handlers --json` prints it. */
export interface HookStatus {
  name: string;
  /** Which of `onUploadStart`, `onUploadComplete` and `onDelete`. */
  asked: string[];
  /** How long each may take, in milliseconds. */
  deadlineMs: number;
  /** The file that they come from; `null` for an action's. */
  module: string | null;
  /** The action that is run; `null` for those of modules. */
  action: string | null;
}

/** The handlers of one worker. */
export interface HandlersResult {
  /** The worker's. */
  port: number;
  /** By their types. */
  handlers: HandlerStatus[];
  /** In the order in which they are asked. */
  hooks: HookStatus[];
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
    hooks: v.array(v.object({
      name: v.string(),
      asked: v.array(v.string()),
      deadlineMs: v.number(),
      module: v.nullable(v.string()),
      action: v.nullable(v.string()),
    })),
  })
);
