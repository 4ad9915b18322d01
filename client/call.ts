import { MAX_REQUEST_MS } from "../base/max_request_ms.ts";
import { Deadline, InvalidOptionError } from "../base/mod.ts";
import { RemoteError, withDeadline } from "../protocol/mod.ts";
import type { DatagramRequests } from "./datagrams.ts";
import { CallTimeoutError } from "./errors.ts";
import {
  ask,
  checkAnswer,
  exchange,
  type Question,
  request,
  type RequestOptions,
  type StreamOpener,
} from "./exchange.ts";

/** What a request of any type takes. */
export interface CallOptions extends RequestOptions {
  /**
   * How long the answer may take, in milliseconds, from 1 to a day; the server hears of it, and gives up when
   * it is over. Without it, as long as the server lets it take.
   */
  timeoutMs?: number;
  /**
   * Sends request and answer in datagrams (RFC 9221), if the server takes such for this message, and else on
   * a stream. What gets lost is not sent again: the call fails then, by default after a second.
   */
  datagram?: boolean;
}

/** A request with the time that is left for it. */
export interface Timed extends Disposable {
  /** Of the caller, and of the time. */
  readonly signal: AbortSignal | undefined;
  /** The body, with what the server is to know of the time. */
  body<Body>(body: Body): Body;
}

/**
 * Bounds a request.
 *
 * @throws {InvalidOptionError} The time is none.
 */
export function timed({ timeoutMs, signal }: CallOptions): Timed {
  if (timeoutMs === undefined) {
    return { signal, body: (body) => body, [Symbol.dispose]: () => {} };
  }
  if (!(timeoutMs >= 1 && timeoutMs <= MAX_REQUEST_MS)) {
    throw new InvalidOptionError(
      `Cannot send a request: timeoutMs must be from 1 to ${MAX_REQUEST_MS}, not ${timeoutMs}`,
    );
  }
  const lateAt = performance.now() + timeoutMs;
  const deadline = new Deadline(timeoutMs, () => new CallTimeoutError(timeoutMs), signal);
  return {
    signal: deadline.signal,
    body: <Body>(body: Body) =>
      withDeadline(body as object, lateAt - performance.now()) as unknown as Body,
    [Symbol.dispose]: () => deadline[Symbol.dispose](),
  };
}

/** Sends a request, and gives the bodies of all its answers, one by one. */
export async function askForAll<Request, Response>(
  opener: StreamOpener,
  message: Question<Request, Response>,
  body: NoInfer<Request>,
  options: CallOptions,
  give: (response: Response) => Promise<void>,
): Promise<void> {
  using time = timed(options);
  const { signal } = time;
  const outgoing = { message, body: time.body(body) };
  await request(opener, outgoing, signal === undefined ? {} : { signal }, async ({ reader }) => {
    for (;;) {
      const answer = await reader.readNext();
      if (answer === undefined) return;
      await give(message.parseResponse(checkAnswer(answer, message.type).body));
    }
  });
}

/**
 * Sends a request in a datagram, if the caller wants that and the server takes it.
 *
 * @returns `undefined` if it has to go on a stream; it was not served then.
 */
export async function askByDatagram<Request, Response>(
  { datagrams }: { readonly datagrams: DatagramRequests | undefined },
  message: Question<Request, Response>,
  body: NoInfer<Request>,
  { datagram = false, ...options }: CallOptions,
): Promise<Response | undefined> {
  if (!datagram) return undefined;
  try {
    return await datagrams?.ask(message, body, options);
  } catch (error) {
    if (error instanceof RemoteError && error.code === "unknown-type") return undefined;
    throw error;
  }
}

/** Sends a request, and returns the body of its answer. */
export async function askInTime<Request, Response>(
  opener: StreamOpener,
  message: Question<Request, Response>,
  body: NoInfer<Request>,
  options: CallOptions,
): Promise<Response> {
  using time = timed(options);
  const { signal } = time;
  return await ask(opener, message, time.body(body), signal === undefined ? {} : { signal });
}

/** A part of an answer with raw bytes: the body is the first one. */
export type Part = { body: unknown } | { bytes: Uint8Array };

/** Sends a request, and gives the body of its answer, then the raw bytes behind it, piece by piece. */
export async function askForData<Request, Response>(
  opener: StreamOpener,
  message: Question<Request, Response>,
  body: NoInfer<Request>,
  options: CallOptions,
  give: (part: Part) => Promise<void>,
): Promise<void> {
  using time = timed(options);
  const { signal } = time;
  const outgoing = { message, body: time.body(body) };
  const ended = signal === undefined ? {} : { signal };
  await exchange(opener, outgoing, ended, async ({ answer, reader }) => {
    await give({ body: message.parseResponse((await answer).body) });
    for await (const chunk of reader.rest()) await give({ bytes: chunk.slice() });
  });
}
