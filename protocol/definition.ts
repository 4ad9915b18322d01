/**
 * What a client must be allowed to do for a request: `none` is served before it has shown the token, `use`
 * as soon as it has; `read` and `write` concern the server's files; `system` is to look at its machine,
 * and `action` to run what its operator lets clients run. The access token gives all of them.
 */
export type Right = "none" | "use" | "read" | "write" | "system" | "action";

/** The rights that a request may need: nobody is served before the token is shown, but for `hello`. */
export const GRANTABLE_RIGHTS = [
  "use",
  "read",
  "write",
  "system",
  "action",
] as const satisfies Right[];

/** One kind of request and what it is answered with, as client and server both know it. */
interface Definition<Request, Response, Type extends number> {
  /** Message type, 0 to 65535; those from `FIRST_CUSTOM_TYPE` up are free for one's own. */
  readonly type: Type;
  /** For people and logs: `file.put`. */
  readonly name: string;
  readonly right: Right;
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
