/**
 * What a client must be allowed to do for a request: `none` is served before it has said who it is, `use`
 * as soon as it has; `read`, `write` and `delete` concern the server's files, where `write` makes new ones
 * and `delete` takes away what is there; `system` is to look at its machine, and `action` to run what its
 * operator lets clients run.
 */
export type Right = "none" | "use" | "read" | "write" | "delete" | "system" | "action";

/** The rights that a request may need: nobody is served before it has said who it is, but for `hello`. */
export const GRANTABLE_RIGHTS = [
  "use",
  "read",
  "write",
  "delete",
  "system",
  "action",
] as const satisfies Right[];

/** The right that a request needs, or several of which it needs each. */
export type NeededRights = Right | readonly Right[];

/** The same as a list. */
export function rightsOf(needed: NeededRights): readonly Right[] {
  return typeof needed === "string" ? [needed] : needed;
}

/** Whether nobody is served who has not said who they are. */
export function areGrantable(needed: unknown): needed is NeededRights {
  const rights: unknown[] = Array.isArray(needed) ? needed : [needed];
  const known: readonly unknown[] = GRANTABLE_RIGHTS;
  return rights.length > 0 && rights.every((right) => known.includes(right));
}

/** One kind of request and what it is answered with, as client and server both know it. */
interface Definition<Request, Response, Type extends number> {
  /** Message type, 0 to 65535; those from `FIRST_CUSTOM_TYPE` up are free for one's own. */
  readonly type: Type;
  /** For people and logs: `file.put`. */
  readonly name: string;
  readonly right: NeededRights;
  /** The names of stored files and directories that a request is about: who is confined may not use others. */
  names?(request: Request): readonly string[];
  /**
   * Checks the body of a request, of which it is only known that it is a map.
   *
   * @throws {ProtocolError} `bad-body`.
   */
  parseRequest(body: unknown): Request;
  /**
   * Checks the body of an answer, likewise.
   *
   * @throws {ProtocolError} `bad-body`.
   */
  parseResponse(body: unknown): Response;
}

/** One kind of request and its answer. */
export interface MessageDefinition<Request, Response, Type extends number = number>
  extends Definition<Request, Response, Type> {
  readonly sequence?: false;
}

/** One kind of request that is answered with any number of messages, each with such a body. */
export interface SequenceDefinition<Request, Response, Type extends number = number>
  extends Definition<Request, Response, Type> {
  readonly sequence: true;
}

/** One kind of message that a server sends unasked, and that is not answered. */
export interface NoticeDefinition<Body, Type extends number = number> {
  /** Message type, 0 to 65535. */
  readonly type: Type;
  /** For people and logs. */
  readonly name: string;
  /**
   * Checks its body, of which it is only known that it is a map.
   *
   * @throws {ProtocolError} `bad-body`.
   */
  parse(body: unknown): Body;
}
