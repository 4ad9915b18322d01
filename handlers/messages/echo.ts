import { type MessageReader, messages } from "../../protocol/mod.ts";
import type { ByteSink } from "../../transfer/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** Bytes that may be on their way back to one request at once. */
const MAX_IN_FLIGHT = 1024 * 1024;

/** The same for all requests of a process together; what is beyond that, is in small pieces. */
const MAX_OF_ALL = 64 * 1024 * 1024;

/** What each may have in any case. */
const PIECE = 32 * 1024;

let ofAll = 0;

/** Sends back what it gets: the body, and the raw bytes if there are any. */
export const echo: MessageHandler = defineHandler(messages.echo, (body, context) => {
  const { data } = context;
  if (data === undefined) return body;
  const answer = context.replyWithData(body);
  return relay(data, answer).then(() => answer);
}, { atOnce: true });

/**
 * Passes on all there is to read; no faster than the client takes it back, and holding no more of it than
 * its share of what all requests may hold.
 */
async function relay(reader: MessageReader, sink: ByteSink): Promise<void> {
  const pending: Promise<void>[] = [];
  let inFlight = 0;
  for await (const chunk of reader.rest()) {
    for (let at = 0; at < chunk.length; at += PIECE) {
      while (inFlight > 0 && (inFlight >= MAX_IN_FLIGHT || ofAll >= MAX_OF_ALL)) {
        await pending.shift();
      }
      // Copied, as the chunk is gone with the next read, which must not wait for the client.
      const piece = chunk.slice(at, at + PIECE);
      inFlight += piece.length;
      ofAll += piece.length;
      const sent = sink.send(piece).finally(() => {
        inFlight -= piece.length;
        ofAll -= piece.length;
      });
      sent.catch(() => {}); // looked at above or below, or made moot by an earlier failure
      pending.push(sent);
    }
  }
  await Promise.all(pending);
}
