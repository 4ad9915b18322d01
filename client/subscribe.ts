import { handedOver } from "../base/handed_over.ts";
import { delay } from "../base/mod.ts";
import { type ServerEvent, SUBSCRIBED } from "../protocol/mod.ts";
import { RequestLostError } from "./errors.ts";

/** How long to wait until a subscription is made again that has ended, in milliseconds. */
const AGAIN_MS = 100;

/** What has happened, as a subscription tells it. */
export interface SubscribedEvent extends ServerEvent {
  /**
   * Set where the subscription had to be made again before this event, at another worker perhaps: what
   * happened in between is not known.
   */
  gap?: true;
}

/** A subscription, which lasts until it is given up: by `return()`, or by leaving the loop. */
export interface Subscription extends AsyncIterableIterator<SubscribedEvent, void> {
  /** Resolves when the server has begun to tell; rejects where it does not. */
  readonly begun: Promise<void>;
}

/**
 * Subscribes, and again where the subscription ends with its worker.
 *
 * @param open Asks for events, until its signal aborts.
 * @param onGap Is told when it has begun again.
 */
export function subscribe(
  open: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
  signal: AbortSignal | undefined,
  onGap: (() => void) | undefined,
): Subscription {
  const begun = Promise.withResolvers<void>();
  begun.promise.catch(() => {}); // the loop fails as well
  const events = handedOver<SubscribedEvent>(async (give, givenUp) => {
    const until = signal === undefined ? givenUp : AbortSignal.any([givenUp, signal]);
    let gap = false;
    try {
      for (;; gap = true, await delay(AGAIN_MS, until)) {
        try {
          for await (const event of open(until)) {
            if (event.topic === SUBSCRIBED) {
              begun.resolve();
              if (gap) onGap?.();
              continue;
            }
            await give(gap ? { ...event, gap } : event);
            gap = false;
          }
        } catch (error) {
          if (!(error instanceof RequestLostError)) throw error;
        }
      }
    } catch (error) {
      begun.reject(error);
      throw error;
    }
  });
  return Object.assign(events, { begun: begun.promise });
}
