import { Deadline, orAborted } from "../base/mod.ts";
import {
  decodeDatagram,
  encodeDatagram,
  MAX_BODY_LENGTH,
  MAX_DATAGRAM_NUMBER,
  type Message,
} from "../protocol/mod.ts";
import { CallTimeoutError } from "./errors.ts";
import { checkAnswer, type Question } from "./exchange.ts";

/** How long an answer is waited for where nothing is said, in milliseconds: what is lost is not sent again. */
export const DATAGRAM_TIMEOUT_MS = 1000;

/** What datagrams need of a connection; ffi's `Connection` fits. */
export interface DatagramConnection {
  /** How long one may be, in bytes; 0 where the server takes none. */
  readonly maxDatagramLength: number;
  /** Sends one. @returns Whether it is on its way. */
  sendDatagram(bytes: Uint8Array): boolean;
  /** Has those that come handed over. */
  takeDatagrams(taker: (bytes: Uint8Array) => void): void;
}

/** A request that waits for its answer. */
interface Waiting {
  readonly type: number;
  answered(message: Message): void;
}

/** Requests and answers of a connection that go in datagrams: each may get lost. */
export class DatagramRequests {
  readonly #connection: DatagramConnection;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(connection: DatagramConnection) {
    this.#connection = connection;
    connection.takeDatagrams((bytes) => this.#take(bytes));
  }

  /**
   * Sends a request, once.
   *
   * @returns `undefined` if it cannot go in a datagram: the server takes none, it is too long, or too many are
   * under way.
   * @throws {CallTimeoutError} It, or its answer, is lost, or late.
   * @throws {RemoteError | ProtocolError} As on a stream.
   */
  ask<Request, Response>(
    message: Question<Request, Response>,
    body: NoInfer<Request>,
    { timeoutMs = DATAGRAM_TIMEOUT_MS, signal }: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<Response> | undefined {
    const { type } = message;
    const number = this.#last = this.#last === MAX_DATAGRAM_NUMBER ? 0 : this.#last + 1;
    if (!this.#connection.sendDatagram(encodeDatagram(number, { type, body }))) return undefined;
    return this.#answer(number, message, timeoutMs, signal);
  }

  async #answer<Response>(
    number: number,
    message: Pick<Question<unknown, Response>, "type" | "parseResponse">,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    using deadline = new Deadline(timeoutMs, () => new CallTimeoutError(timeoutMs), signal);
    const { type } = message;
    const answer = Promise.withResolvers<Message>();
    this.#waiting.set(number, { type, answered: answer.resolve });
    try {
      const { body } = checkAnswer(await orAborted(answer.promise, deadline.signal), type);
      return message.parseResponse(body);
    } finally {
      this.#waiting.delete(number);
    }
  }

  /** What is no answer to what was asked is not for this client, or comes too late. */
  #take(bytes: Uint8Array): void {
    const datagram = decodeDatagram(bytes, MAX_BODY_LENGTH);
    const waiting = datagram && this.#waiting.get(datagram.number);
    if (waiting?.type === datagram?.message.type) waiting?.answered(datagram!.message);
  }
}
