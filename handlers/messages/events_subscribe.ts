import { messages, type ServerEvent, SUBSCRIBED } from "../../protocol/mod.ts";
import { type ClientIdentity, defineHandler, type MessageHandler } from "./handler.ts";

/** How many subscriptions a worker has at most. */
const MAX_SUBSCRIPTIONS = 1000;

/** What topics begin with that tell what other clients do. */
const OF_OTHERS: readonly string[] = ["session", "transfer"];

/** And that tell what becomes of files. */
const FILES: readonly string[] = ["file"];

/** Tells of what happens in this worker, and in the others of its instance. */
export const eventsSubscribe: MessageHandler = defineHandler(
  messages.eventsSubscribe,
  async function* ({ topics, here = false }, context): AsyncGenerator<ServerEvent> {
    const { identity } = context.session;
    checkTopics(topics, identity);
    const events = context.subscribe(topics, { here });
    yield { topic: SUBSCRIBED, time: Date.now(), body: {} };
    if (identity.allows("system") && identity.prefix === undefined) yield* events;
    else yield* heardBy(identity, events);
  },
  { maxRequests: MAX_SUBSCRIPTIONS },
);

/** What is for somebody to know. */
async function* heardBy(
  identity: ClientIdentity,
  events: AsyncIterable<ServerEvent>,
): AsyncGenerator<ServerEvent> {
  let lost = 0;
  for await (const happened of events) {
    lost += happened.lost ?? 0;
    const event = isOf(FILES, happened.topic)
      ? fileHeardBy(identity, happened)
      : isOf(OF_OTHERS, happened.topic) && !mayHear(identity, happened)
      ? undefined
      : happened;
    if (event === undefined) continue;
    yield lost === 0 ? event : { ...event, lost };
    lost = 0;
  }
}

/** Who asks for all, gets what is for it to see. Who asks for more by its name, is told. */
function checkTopics(topics: readonly string[], identity: ClientIdentity): void {
  const topic = topics.find((topic) => isOf(OF_OTHERS, topic));
  if (topic !== undefined) identity.check("system", `subscribing to ${topic}`);
}

/** Who may look at others hears of their files only where they are for it to see. */
function mayHear(identity: ClientIdentity, { body: { name } }: ServerEvent): boolean {
  return identity.allows("system") && (typeof name !== "string" || identity.mayName(name));
}

/** What becomes of files is for whom they are; what is moved there or from there, comes or goes. */
function fileHeardBy(
  identity: ClientIdentity,
  event: ServerEvent,
): ServerEvent | undefined {
  const { name, to, ...rest } = event.body;
  const hears = (name: unknown) => typeof name === "string" && identity.mayName(name);
  if (event.topic !== "file.moved") return hears(name) ? event : undefined;
  if (hears(name)) {
    return hears(to) ? event : { ...event, topic: "file.removed", body: { ...rest, name } };
  }
  return hears(to) ? { ...event, topic: "file.stored", body: { ...rest, name: to } } : undefined;
}

function isOf(kinds: readonly string[], topic: string): boolean {
  return kinds.includes(topic.split(".", 1)[0] ?? "");
}
