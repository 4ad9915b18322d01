import { defineCommand } from "./command.ts";
import { InvalidParametersError } from "./parameters.ts";
import { type Schema, schemaOf } from "./schema.ts";
import { deadlineParameter } from "./workers_result.ts";

/** What a worker answered, as `send --json` prints it. */
export interface SendResult {
  /** The worker's. */
  port: number;
  /** The message's, as it was typed. */
  message: string;
  /** The body of the answer, or those of a sequence; bytes as text, or as `{base64}` where they are none. */
  answer: unknown;
}

/** Schema of {@linkcode SendResult}. */
const sendResult: Schema<SendResult> = schemaOf<SendResult>()((v) =>
  v.object({ port: v.number(), message: v.string(), answer: v.unknown() })
);

/** How long a worker may take by default, in milliseconds. */
const DEADLINE_MS = 10_000;

/** `send`: has a worker answer a message. */
export const send = defineCommand({
  name: "send",
  summary: "Have one of this machine's workers answer a message",
  description: [
    "Have one of this machine's workers answer a message, without a connection: system.info and the",
    "like, or a type of one's own (from 0x8000 up), with its fields as JSON. What takes longer than",
    "10 s, or --deadline, is given up.",
  ].join("\n"),
  right: "admin",
  parameters: {
    deadlineMs: { ...deadlineParameter, summary: "How long it may take: 500ms, 30s, 5m or 1h" },
    port: { kind: "port", summary: "Port of the worker", required: true, positional: true },
    message: {
      kind: "string",
      summary: "Name or type of the message",
      placeholder: "MESSAGE",
      required: true,
      positional: true,
    },
    body: { kind: "string", summary: "Its fields", placeholder: "JSON", positional: true },
  },
  waits: true,
  result: sendResult,
  run: async (context, { port, message, body, deadlineMs = DEADLINE_MS }) => ({
    ...{ port, message },
    answer: await context.send(port, { message, body: parseBody(body) }, Math.max(1, deadlineMs)),
  }),
  show: ({ answer }, view) =>
    JSON.stringify(answer, null, 2).split("\n").map((line) => view.printable(line)).join("\n"),
});

function parseBody(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new InvalidParametersError("Cannot send that: the message's fields are not JSON");
  }
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...body };
  throw new InvalidParametersError("Cannot send that: the message's fields are not a JSON object");
}
