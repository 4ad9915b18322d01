import type { Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import { settlesWithin } from "../../base/mod.ts";
import { refuse } from "./control_dispatch.ts";
import { MAX_LINE_BYTES, RpcErrorCode } from "./json_rpc.ts";
import { LineTooLongError, readLines } from "../../base/lines.ts";

const logger = getLogger(["msquicd", "control"]);

/** How long a client may take to hear its last answer, in milliseconds. */
const LAST_ANSWER_MS = 2000;

/** What holds for every connection. */
export interface ConnectionLimits {
  /** How long a request may take from its first byte to its last, in milliseconds. */
  readonly requestMs: number;
  /** How long a client may take to read an answer, in milliseconds. */
  readonly answerMs: number;
}

/**
 * One connection to the control endpoint: takes a line, answers it, and then takes the next. While an
 * answer is being found, it waits for as long as that takes; everything else has a limit.
 */
export class ControlConnection {
  readonly #socket: Socket;
  readonly #limits: ConnectionLimits;
  readonly #answer: (line: string) => Promise<string | undefined>;
  #busy = false;
  #closing = false;
  #arrival: ReturnType<typeof setTimeout> | undefined;
  /** Settled when it is closed. Never rejects. */
  readonly over: Promise<void>;

  /** @param answer Finds the answer to a line; `undefined` if it wants none. Never rejects. */
  constructor(
    socket: Socket,
    limits: ConnectionLimits,
    answer: (line: string) => Promise<string | undefined>,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#answer = answer;
    // Without a listener, an error that comes between two reads would end the process.
    socket.on("error", () => {});
    this.over = this.#serve();
  }

  /** Whether a request of its is being answered. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Takes no more requests; what is being answered still is. */
  close(): void {
    this.#closing = true;
    if (!this.#busy) this.cut();
  }

  /** Ends it at once. */
  cut(): void {
    this.#socket.destroy();
  }

  /** Says why it is not served, and closes it. */
  async turnAway(code: string, message: string): Promise<void> {
    this.#closing = true;
    await this.#write(refuse(RpcErrorCode.commandFailed, message, code));
    await this.#hangUp();
  }

  async #serve(): Promise<void> {
    try {
      await this.#answerAll();
      await this.#hangUp();
    } catch (error) {
      if (!isLeaving(error)) logger.debug("Control connection ended: {error}", { error });
    } finally {
      clearTimeout(this.#arrival);
      this.cut();
    }
  }

  async #answerAll(): Promise<void> {
    try {
      for await (const line of readLines(this.#received(), { maxBytes: MAX_LINE_BYTES })) {
        this.#arrived();
        if (this.#closing) return;
        if (line.trim() === "") continue;
        this.#busy = true;
        const reply = await this.#answer(line);
        if (reply !== undefined) await this.#write(reply);
        this.#busy = false;
        if (this.#closing) return;
      }
    } catch (error) {
      if (!(error instanceof LineTooLongError)) throw error;
      await this.#write(refuse(RpcErrorCode.invalidRequest, error.message));
    } finally {
      this.#busy = false;
    }
  }

  async *#received(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#socket.iterator({ destroyOnReturn: false })) {
      this.#arrival ??= setTimeout(() => void this.#late(), this.#limits.requestMs);
      yield chunk;
    }
  }

  #arrived(): void {
    clearTimeout(this.#arrival);
    this.#arrival = undefined;
  }

  async #late(): Promise<void> {
    const { requestMs } = this.#limits;
    const message = `Request has not arrived whole within ${requestMs / 1000} s; it is one line`;
    await this.#write(refuse(RpcErrorCode.invalidRequest, message));
    this.cut();
  }

  /** Settled once the line has left, or cannot leave any more. */
  async #write(line: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.write(`${line}\n`, () => resolve());
    if (!await settlesWithin(promise, this.#limits.answerMs)) this.cut();
  }

  /** Closes our half and, for a moment, lets the other side finish: cut off, it might miss the answer. */
  async #hangUp(): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) return;
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.end();
    socket.resume();
    await settlesWithin(closed, LAST_ANSWER_MS);
    this.cut();
  }
}

/** Whether a client has just closed its connection. */
function isLeaving(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}
