import { CodedError } from "../base/mod.ts";
import {
  areGrantable,
  GRANTABLE_RIGHTS,
  type MessageDefinition,
  type Right,
  type SequenceDefinition,
} from "./definition.ts";
import { FIRST_CUSTOM_TYPE } from "./message_types.ts";
import { type OutputOf, type Schema, schemaCheck } from "./schema.ts";

/** A message cannot be defined like that. */
export class InvalidDefinitionError extends CodedError {
  readonly code = "invalid-definition";
}

/** What a message of one's own is made of. */
export interface MessageOptions<Request extends Schema, Response extends Schema> {
  /** Message type, from `FIRST_CUSTOM_TYPE` (32,768) to 65,535. */
  readonly type: number;
  /** For people and logs: words of lower-case letters, digits, `_` and `-`, with dots between them. */
  readonly name: string;
  /**
   * What a client must be allowed to do besides calling it (`call:TYPE`), or several things of which it must
   * be allowed each; nothing more by default, which is `use`.
   */
  readonly right?: Exclude<Right, "none"> | readonly Exclude<Right, "none">[];
  /**
   * The names of stored files and directories that a request is about: a client that is confined to a
   * directory is refused where one is elsewhere.
   */
  readonly names?: (request: OutputOf<Request>) => readonly string[];
  /** What the body of a request has to be: a schema of valibot, for example. */
  readonly request: Request;
  /** What the body of an answer has to be. */
  readonly response: Response;
}

/**
 * Defines a message of one's own, which client and server share.
 *
 * @param options What it is; with `sequence`, it is answered with any number of messages.
 * @throws {InvalidDefinitionError} Something of it is missing or cannot be used.
 *
 * @example A message that takes and gives a text
 * ```ts
 * import * as v from "valibot";
 * import { defineMessage } from "../mod.ts";
 *
 * const text = v.object({ text: v.pipe(v.string(), v.maxLength(1000)) });
 * const shout = defineMessage({ type: 0x8000, name: "example.shout", request: text, response: text });
 * if (shout.parseRequest({ text: "hi" }).text !== "hi") throw new Error("Not as given");
 * ```
 */
export function defineMessage<const Request extends Schema, const Response extends Schema>(
  options: MessageOptions<Request, Response> & { readonly sequence: true },
): SequenceDefinition<OutputOf<Request>, OutputOf<Response>>;
export function defineMessage<const Request extends Schema, const Response extends Schema>(
  options: MessageOptions<Request, Response> & { readonly sequence?: false },
): MessageDefinition<OutputOf<Request>, OutputOf<Response>>;
export function defineMessage(
  options: MessageOptions<Schema, Schema> & { readonly sequence?: boolean },
): MessageDefinition<unknown, unknown> | SequenceDefinition<unknown, unknown> {
  const { type, name, right = "use", request, response, sequence = false, names } = options;
  if (typeof name !== "string" || !/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name)) {
    throw new InvalidDefinitionError(
      `Cannot define message ${JSON.stringify(name)}: a name is like "example.shout"`,
    );
  }
  const refuse = (reason: string): never => {
    throw new InvalidDefinitionError(`Cannot define message "${name}": ${reason}`);
  };
  if (!Number.isInteger(type) || type < FIRST_CUSTOM_TYPE || type > 0xffff) {
    refuse(`its type must be a whole number from ${FIRST_CUSTOM_TYPE} to 65535, not ${type}`);
  }
  if (!areGrantable(right)) {
    refuse(
      `its right must be one of ${GRANTABLE_RIGHTS.join(", ")}, or some of them, not ${right}`,
    );
  }
  for (const [field, schema] of Object.entries({ request, response })) {
    if (isSchema(schema)) continue;
    refuse(`its ${field} must be a schema, of valibot for example`);
  }
  const parseRequest = schemaCheck(request);
  const parseResponse = schemaCheck(response);
  const more = names === undefined ? {} : { names };
  return { type, name, right, sequence, parseRequest, parseResponse, ...more } as
    | MessageDefinition<unknown, unknown>
    | SequenceDefinition<unknown, unknown>;
}

function isSchema(value: unknown): boolean {
  const { "~standard": standard } = Object(value) as Partial<Schema>;
  return typeof standard?.validate === "function";
}
