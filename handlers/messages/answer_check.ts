import type { MessageDefinition, SequenceDefinition } from "../../protocol/mod.ts";
import { decodeBody, encodeBody } from "../../protocol/body.ts";

/** Throws where the body of an answer is not what its message says. */
export type AnswerCheck = (body: unknown) => void;

/**
 * Makes the check of a handler's answers. What counts is what the client gets: where an answer as the handler
 * gives it is refused, it may still be right, since fields that are `undefined` are not sent.
 */
export function answerCheckOf(
  { name, type, parseResponse }:
    | MessageDefinition<unknown, unknown>
    | SequenceDefinition<unknown, unknown>,
): AnswerCheck {
  return (body) => {
    try {
      parseResponse(body);
    } catch {
      refuseWrong(body);
    }
  };

  function refuseWrong(body: unknown): void {
    const sent = decodeBody(encodeBody(body));
    try {
      parseResponse(sent);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TypeError(
        `Handler ${name} (${type}) has given an answer that its message does not allow: ${reason}`,
      );
    }
  }
}
