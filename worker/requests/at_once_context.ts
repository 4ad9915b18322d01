import type { DataAnswer, HandlerContext } from "../../handlers/messages/mod.ts";
import type { ServerEvent } from "../../protocol/mod.ts";
import { BasicContext } from "./basic_context.ts";

/** Nothing ends a request before its handler does that never waits. */
const NEVER: AbortSignal = new AbortController().signal;

/** A request that is answered in the moment it comes, as its handler sees it: there is nothing to wait for. */
export class AtOnceContext extends BasicContext implements HandlerContext {
  get data(): undefined {
    return undefined;
  }

  get remainingMs(): number {
    return Infinity;
  }

  get signal(): AbortSignal {
    return NEVER;
  }

  replyWithData(): DataAnswer {
    throw noOtherAnswer();
  }

  /** It is over before anybody could want that. */
  protected withdraw(): void {}

  subscribe(): AsyncIterableIterator<ServerEvent> {
    throw noOtherAnswer();
  }
}

/**
 * What a handler has done wrong that waits, or sends bytes, although it is one that does not.
 *
 * @param promise What it has returned: nobody looks at that any more.
 */
export function noOtherAnswer(promise?: Promise<unknown>): TypeError {
  promise?.catch(() => {});
  return new TypeError("Handler that answers at once has to return the answer's body");
}
