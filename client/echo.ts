import { messages } from "../protocol/mod.ts";
import { exchange, type RequestOptions, type StreamOpener } from "./exchange.ts";

/** What came back. */
export interface EchoResult {
  body: unknown;
  data: Uint8Array;
}

/** Sends a body and bytes, and reads both back. */
export function echo(
  opener: StreamOpener,
  body: Record<string, unknown>,
  data: Uint8Array,
  options: RequestOptions,
): Promise<EchoResult> {
  const outgoing = { message: messages.echo, body, data: true };
  return exchange(opener, outgoing, options, async ({ sink, answer, reader }) => {
    const sent = sink.send(data, { fin: true });
    // A refusal ends both; the answer tells why.
    sent.catch(() => {});
    const message = await answer;
    const returned = await reader.readExactly(data.length);
    await reader.expectEnd();
    return { body: messages.echo.parseResponse(message.body), data: returned };
  });
}
