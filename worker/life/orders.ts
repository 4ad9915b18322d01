import type { TokenGrant } from "../../base/token_grant.ts";
import type { ManagerMessage, Sibling, WorkerConfig } from "../../ipc/mod.ts";
import type { EventNews } from "../events/event_relay.ts";
import type { Departure } from "./departure.ts";

/** The manager's messages, as they concern a worker. */
export interface Orders extends AsyncDisposable {
  /** Resolves with what the worker is to be, when the manager says it. */
  readonly start: Promise<WorkerConfig>;
}

/** Who is told what the manager says while the worker runs. */
export interface News {
  /** Which tokens to let in, before it is told to start. */
  onTokens: (tokens: readonly TokenGrant[]) => void;
  /** Which other workers there are. */
  onSiblings: (siblings: readonly Sibling[], own?: Sibling) => void;
  /** With which key to make the tickets of clients from now on. */
  onTicketKey: (key: string) => void;
  /** What happens, or is wanted, at other workers. */
  onEvents: (news: EventNews) => void;
}

/**
 * Listens to the manager.
 *
 * @param onFault Is told when what the manager sends makes no sense.
 * @returns Disposed of, it listens no more.
 */
export function listenForOrders(
  messages: (signal: AbortSignal) => AsyncIterable<ManagerMessage>,
  departure: Departure,
  { onTokens, onSiblings, onTicketKey, onEvents }: News,
  onFault: (error: unknown) => void,
): Orders {
  const start = Promise.withResolvers<WorkerConfig>();
  const stop = new AbortController();

  async function listen(): Promise<void> {
    try {
      for await (const message of messages(stop.signal)) {
        if (message.type === "start") {
          onTokens(message.tokens ?? []);
          start.resolve(message.config);
        } else if (message.type === "stop") departure.request("stop", message.deadlineMs);
        else if (message.type === "siblings") onSiblings(message.siblings, message.own);
        else if (message.type === "ticket-key") onTicketKey(message.key);
        else onEvents(message);
      }
    } catch (error) {
      onFault(error);
    }
  }

  const listening = listen();
  return {
    start: start.promise,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await listening;
    },
  };
}
