import { MAX_REQUEST_MS } from "../base/max_request_ms.ts";
import { badField } from "./fields.ts";

/** The field of any request's body that says how long the client waits for the answer. */
export const DEADLINE_FIELD = "$deadlineMs";

/**
 * Takes what a client says of its deadline out of a request's body: the rest of the body is as it was made.
 *
 * @returns For how long the client waits, in milliseconds, from 1; `undefined` if it does not say.
 * @throws {ProtocolError} `bad-body`.
 */
export function takeDeadline(body: Record<string, unknown>): number | undefined {
  const value = body[DEADLINE_FIELD];
  if (value === undefined) return undefined;
  delete body[DEADLINE_FIELD];
  if (value === null) return undefined;
  if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MAX_REQUEST_MS) {
    return Number(value);
  }
  throw badField(DEADLINE_FIELD, `a whole number from 1 to ${MAX_REQUEST_MS}`, value);
}

/**
 * A request's body with the client's deadline.
 *
 * @param ms For how long it waits, in milliseconds; a fraction counts as a whole, and a day is the most.
 */
export function withDeadline(body: object, ms: number): Record<string, unknown> {
  return { ...body, [DEADLINE_FIELD]: Math.min(Math.max(1, Math.ceil(ms)), MAX_REQUEST_MS) };
}
