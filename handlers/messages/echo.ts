import { type MessageReader, MessageType } from "../../protocol/mod.ts";
import type { ByteSink } from "../../transfer/mod.ts";
import type { MessageHandler } from "./handler.ts";

/** Bytes that may be on their way back at once. */
const MAX_IN_FLIGHT = 1024 * 1024;

/** Sends back what it gets: the body, and the raw bytes if there are any. */
export const echo: MessageHandler = {
  type: MessageType.echo,
  name: "echo",
  async handle(exchange) {
    if (exchange.data === undefined) return await exchange.reply(exchange.body);
    await relay(exchange.data, exchange.replyWithData(exchange.body));
  },
};

/** Passes on all there is to read; no faster than the client takes it back. */
async function relay(reader: MessageReader, sink: ByteSink): Promise<void> {
  const pending: { length: number; sent: Promise<void> }[] = [];
  let inFlight = 0;
  for await (const chunk of reader.rest()) {
    // Copied, as the chunk is gone with the next read, which must not wait for the client.
    const sent = sink.send(chunk.slice());
    sent.catch(() => {}); // looked at below, or made moot by an earlier failure
    pending.push({ length: chunk.length, sent });
    inFlight += chunk.length;
    while (inFlight > MAX_IN_FLIGHT) {
      const oldest = pending.shift();
      if (oldest === undefined) break;
      await oldest.sent;
      inFlight -= oldest.length;
    }
  }
  await Promise.all(pending.map(({ sent }) => sent));
}
