import { messages, type ServerEvent, SUBSCRIBED } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";

/** How many subscriptions a worker has at most. */
const MAX_SUBSCRIPTIONS = 1000;

/** Tells of what happens in this worker. */
export const eventsSubscribe: MessageHandler = defineHandler(
  messages.eventsSubscribe,
  async function* ({ topics }, context): AsyncGenerator<ServerEvent> {
    const events = context.subscribe(topics);
    yield { topic: SUBSCRIBED, time: Date.now(), body: {} };
    yield* events;
  },
  { maxRequests: MAX_SUBSCRIPTIONS },
);
