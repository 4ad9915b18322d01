import { buildCommand } from "@stricli/core";
import { MAX_REQUEST_MS } from "../../base/max_request_ms.ts";
import type { CliContext } from "../context.ts";
import { CallRefusedError, UsageError } from "../errors.ts";
import { type ConnectionFlags, connectionFlags, openClient } from "../files/connection_flags.ts";
import { jsonFlag, parseText, portFlag, wholeNumber } from "../flags.ts";

/** The largest message type. */
const MAX_TYPE = 0xffff;

type Flags = ConnectionFlags & { port?: number; timeout?: number; json: boolean };

/** `msquicd call TYPE [JSON]` */
export const callCommand = buildCommand<Flags, [type: number, body?: string], CliContext>({
  docs: { brief: "Ask handlers of your own: send a message of any type, and print the answers" },
  parameters: {
    flags: {
      ...connectionFlags,
      port: portFlag,
      timeout: {
        kind: "parsed",
        parse: wholeNumber(1, MAX_REQUEST_MS),
        brief: "How long the answers may take, in milliseconds",
        placeholder: "MS",
        optional: true,
      },
      json: jsonFlag,
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: parseType,
          placeholder: "TYPE",
          brief: "Message type, 32768 or 0x8000 for example",
        },
        {
          parse: parseText,
          placeholder: "JSON",
          brief: "The message; {} by default",
          optional: true,
        },
      ],
    },
  },
  async func({ port, timeout, ...flags }, type, text = "{}") {
    const body = parseBody(text);
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal, { port });
    const options = timeout === undefined ? { signal } : { signal, timeoutMs: timeout };
    try {
      for await (const answer of client.stream(type, body, options)) {
        const shown = plain(answer);
        this.output.line(JSON.stringify(shown));
        this.output.result(shown);
        await this.output.drained(signal);
      }
    } catch (error) {
      throw isRefusal(error) ? new CallRefusedError(error.code, error.message) : error;
    }
  },
});

function isRefusal(error: unknown): error is Error & { code: string } {
  return error instanceof Error && error.name === "RemoteError" && "code" in error;
}

function parseType(text: string): number {
  const type = /^(?:\d{1,5}|0x[\da-f]{1,4})$/i.test(text) ? Number(text) : NaN;
  if (type <= MAX_TYPE) return type;
  throw new UsageError(`Message type "${text}" is none: give a number from 0 to ${MAX_TYPE}`);
}

function parseBody(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new UsageError(`Message is not JSON: ${text}`);
  }
  if (typeof body === "object" && body !== null && !Array.isArray(body)) {
    return body as Record<string, unknown>;
  }
  throw new UsageError('Message must be an object, like {"text":"hello"}');
}

/** What JSON can show: bytes as base64. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.toBase64();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
