import { fieldsOf, integerField, malformed, stringField } from "./checked_fields.ts";
import { typeOf } from "./messages.ts";

/** The longest time a request may be given, in milliseconds: what `setTimeout` takes. */
export const MAX_DEADLINE_MS = 2 ** 31 - 1;

const MAX_ID = Number.MAX_SAFE_INTEGER;

/** An error as it travels. */
export interface TravellingError {
  code: string;
  message: string;
}

/** What goes through the rings beside the one-way messages. The id is the asking side's. */
export type Envelope =
  | { type: "request"; id: number; name: string; deadlineMs: number; params: unknown }
  | { type: "answer"; id: number; value: unknown }
  | { type: "error"; id: number; error: TravellingError }
  /** The asking side does not want the answer any more. */
  | { type: "cancel"; id: number };

const encoder = new TextEncoder();

/** An envelope as it goes through the ring: JSON in UTF-8. */
export function encodeEnvelope(envelope: Envelope): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(envelope));
}

/**
 * The envelope that this is, its contents unchecked; null when it is none.
 *
 * @throws {SegmentCorruptError} when it says that it is one and is not.
 */
export function envelopeOf(value: unknown): Envelope | null {
  switch (typeOf(value)) {
    case "request": {
      const fields = fieldsOf(value, "request", ["type", "id", "name", "deadlineMs", "params"]);
      return {
        type: "request",
        id: integerField(fields, "id", 1, MAX_ID),
        name: stringField(fields, "name"),
        deadlineMs: integerField(fields, "deadlineMs", 1, MAX_DEADLINE_MS),
        params: fields.params,
      };
    }
    case "answer": {
      const fields = fieldsOf(value, "answer", ["type", "id", "value"]);
      return { type: "answer", id: integerField(fields, "id", 1, MAX_ID), value: fields.value };
    }
    case "error": {
      const fields = fieldsOf(value, "error", ["type", "id", "error"]);
      const id = integerField(fields, "id", 1, MAX_ID);
      return { type: "error", id, error: travellingError(fields.error) };
    }
    case "cancel": {
      const fields = fieldsOf(value, "cancel", ["type", "id"]);
      return { type: "cancel", id: integerField(fields, "id", 1, MAX_ID) };
    }
    default:
      return null;
  }
}

/** What the other process is told of an error. */
export function toTravel(error: unknown): TravellingError {
  if (!(error instanceof Error)) return { code: "internal", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "internal";
  return { code, message: error.message };
}

function travellingError(value: unknown): TravellingError {
  const fields = fieldsOf(value, "error", ["code", "message"]);
  const code = stringField(fields, "code");
  if (code === "") throw malformed('field "code" is empty');
  return { code, message: stringField(fields, "message") };
}
