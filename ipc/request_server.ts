import { type Envelope, toTravel } from "./envelope.ts";
import { ChannelClosedError, DeadlineExceededError } from "./errors.ts";
import { malformed } from "./checked_fields.ts";
import type { RequestChecks, RequestTypes } from "./requests.ts";

/** Requests answered at once; the asking side has a lower limit, so more are never wanted. */
const MAX_RUNNING = 4096;

/** Cancellations remembered that came before their requests, which they overtake. */
const MAX_EARLY = 1024;

/**
 * What answers requests: a function for each, called with the checked parameters and a signal that
 * aborts when the answer is not wanted any more. What it throws is the answer as well, as its `code`
 * and `message`.
 */
export type RequestHandlers<Requests extends RequestTypes<Requests>> = {
  readonly [Name in keyof Requests]?: (
    params: Requests[Name]["params"],
    signal: AbortSignal,
  ) => Requests[Name]["answer"] | Promise<Requests[Name]["answer"]>;
};

type RequestEnvelope = Extract<Envelope, { type: "request" }>;
type AnswerEnvelope = Extract<Envelope, { type: "answer" | "error" }>;

/** The answering side: which handlers there are, and which of them run. */
export class RequestServer<Requests extends RequestTypes<Requests>> {
  readonly #checks: RequestChecks<Requests>;
  readonly #answer: (envelope: AnswerEnvelope) => Promise<void>;
  readonly #running = new Map<number, AbortController>();
  readonly #early = new Set<number>();
  #handlers: RequestHandlers<Requests> = {};
  #lastId = 0;

  /** @param answer Sends an answer; never rejects. */
  constructor(
    checks: RequestChecks<Requests>,
    answer: (envelope: AnswerEnvelope) => Promise<void>,
  ) {
    this.#checks = checks;
    this.#answer = answer;
  }

  /** Adds handlers; one of a name that has one takes its place. */
  serve(handlers: RequestHandlers<Requests>): void {
    this.#handlers = { ...this.#handlers, ...handlers };
  }

  /** Takes a request. @throws {SegmentCorruptError} when it makes no sense. */
  take(request: RequestEnvelope): void {
    const { id } = request;
    if (id <= this.#lastId) throw malformed(`request ${id} comes after request ${this.#lastId}`);
    this.#lastId = id;
    if (this.#early.delete(id) || this.#running.size >= MAX_RUNNING) return;
    if (!this.#isName(request.name)) {
      return void this.#refuse(id, "unknown-request", `Request "${request.name}" is unknown here`);
    }
    const params = this.#checks[request.name].params(request.params);
    const handler = this.#handlers[request.name];
    if (handler === undefined) {
      const message = `Request "${request.name}" is not answered here, or not yet`;
      return void this.#refuse(id, "unknown-request", message);
    }
    void this.#run(request, (signal) => handler(params, signal));
  }

  /** Ends a request that the other side has given up. */
  cancel(id: number): void {
    this.#running.get(id)?.abort(new DOMException("The request was cancelled", "AbortError"));
    if (id > this.#lastId && this.#early.size < MAX_EARLY) this.#early.add(id);
  }

  /** Ends all that runs; nothing is answered any more. */
  close(): void {
    this.#abortAll(new ChannelClosedError());
  }

  /** Ends all that runs: who asked is gone, and somebody else begins to count from 1. */
  beginAnew(reason: Error): void {
    this.#abortAll(reason);
    this.#running.clear();
    this.#early.clear();
    this.#lastId = 0;
  }

  #abortAll(reason: Error): void {
    for (const controller of [...this.#running.values()]) controller.abort(reason);
  }

  #over(id: number, controller: AbortController): void {
    if (this.#running.get(id) === controller) this.#running.delete(id);
  }

  async #run(
    { id, name, deadlineMs }: RequestEnvelope,
    handle: (signal: AbortSignal) => unknown,
  ): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#running.set(id, controller);
    const timer = setTimeout(
      () => controller.abort(new DeadlineExceededError(name, deadlineMs)),
      deadlineMs,
    );
    const answer = await outcome(id, () => handle(signal));
    clearTimeout(timer);
    // Held until the answer is on its way, so that a peer that does not read cannot heap them up.
    if (!signal.aborted) await this.#answer(answer);
    this.#over(id, controller);
  }

  async #refuse(id: number, code: string, message: string): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    await this.#answer({ type: "error", id, error: { code, message } });
    this.#over(id, controller);
  }

  #isName(name: string): name is Extract<keyof Requests, string> {
    return Object.hasOwn(this.#checks, name);
  }
}

async function outcome(id: number, handle: () => unknown): Promise<AnswerEnvelope> {
  try {
    return { type: "answer", id, value: await handle() };
  } catch (error) {
    return { type: "error", id, error: toTravel(error) };
  }
}
