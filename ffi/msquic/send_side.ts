import { failed, SendFlags, Status, StreamEvent, StreamShutdownFlags } from "./abi/mod.ts";
import { Deferred } from "./deferred.ts";
import type { EventView } from "./event_view.ts";
import type { Flight } from "./flight.ts";
import type { Handle } from "./handle.ts";
import { HeldSends, PIECE, type Sending } from "./held_sends.ts";
import type { Gathering } from "./runtime.ts";
import { SendBatch, SMALL_SEND } from "./send_batch.ts";
import { sendBehind, SendPlace } from "./send_order.ts";
import type { Completion } from "./send_slots.ts";
import type { SendOptions, StreamOwner } from "./stream_owner.ts";
import { ignore, refusal } from "./unwatched.ts";

/** What the sending side needs of its stream. */
export interface SendingStream {
  /** Ends this side's direction, or more, by `StreamShutdown`. */
  shutdown(flags: number, errorCode: number): void;
  /** Bytes are missing, and what is sent next would be taken for them: ends the stream. */
  breakOff(error: Error): void;
}

/** What a stream sends: the sends themselves, and how that direction ends. */
export class SendSide implements Gathering {
  readonly #owner: StreamOwner;
  readonly #handle: Handle;
  readonly #stream: SendingStream;
  readonly #place: SendPlace;
  readonly #finished = new Deferred();
  #finSent = false;
  /** What goes to MsQuic before it is polled next. */
  #batch: SendBatch | undefined;
  /** What goes to MsQuic when its connection has room for it. */
  #held: HeldSends | undefined;
  #error: Error | undefined;
  #over = false;
  #idealBytes = 0;

  constructor(owner: StreamOwner, handle: Handle, stream: SendingStream) {
    this.#owner = owner;
    this.#handle = handle;
    this.#stream = stream;
    this.#place = new SendPlace(owner.sendOrder);
  }

  /** Who it is in logs and errors. */
  get traceName(): string {
    return this.#handle.traceName;
  }

  /** Whether the last byte was handed to MsQuic. */
  get finSent(): boolean {
    return this.#finSent;
  }

  /** For how long there have been bytes for which there was no room on the path, in milliseconds. */
  get heldMs(): number {
    return this.#held?.heldMs ?? 0;
  }

  /** See {@linkcode Stream.idealBytes}. */
  get idealBytes(): number {
    return this.#held === undefined ? this.#idealBytes : this.#owner.flight?.idealBytes ?? 0;
  }

  /** For IDEAL_SEND_BUFFER_SIZE. */
  set idealBytes(bytes: number) {
    this.#idealBytes = bytes;
  }

  /** See {@linkcode Stream.send}. */
  send(data: Uint8Array, { fin = false }: SendOptions = {}): Promise<void> {
    const refused = this.#refusal();
    if (refused !== undefined) return refusal(refused);
    const waits = this.#held?.waiting;
    if (!fin && !waits && data.length <= SMALL_SEND) return this.#gather(data);
    this.sendBatch();
    const completion = Promise.withResolvers<void>();
    completion.promise.catch(ignore);
    const flight = waits || data.length > PIECE ? this.#owner.flight : undefined;
    if (flight !== undefined) this.#hold(flight, data, fin, completion);
    else this.#send(data, fin, completion);
    return completion.promise;
  }

  /** See {@linkcode Stream.sendAll}. */
  sendAll(data: Uint8Array, completion: Completion): void {
    const refused = this.#refusal();
    if (refused !== undefined) return completion.reject(refused);
    if (data.length <= PIECE) return this.#send(data, true, completion, "copy");
    this.send(data.slice(), { fin: true }).then(completion.resolve, completion.reject);
  }

  /** See {@linkcode Stream.finish}. */
  finish(): Promise<void> {
    if (!this.#finSent) {
      const refused = this.#refusal();
      if (refused !== undefined) return refusal(refused);
      if (this.#held?.waiting) void this.send(new Uint8Array(), { fin: true });
      else {
        this.sendBatch();
        this.#finSent = true;
        this.#stream.shutdown(StreamShutdownFlags.GRACEFUL, 0);
      }
    }
    return this.#finished.promise;
  }

  /** Nothing more can be sent, because of `error`. The first one counts. */
  refuse(error: Error): void {
    this.#error ??= error;
  }

  /** Why it did not end well, or cannot: to be asked only then, since an error takes microseconds to make. */
  get error(): Error {
    return this.#error ?? this.#owner.endedError();
  }

  /**
   * The direction is over. Only the first end counts.
   *
   * @param graceful Whether the peer has acknowledged everything.
   */
  end(graceful: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#place.end();
    if (graceful) return this.#finished.resolve();
    const { error } = this;
    this.#error = error;
    this.#held?.fail(error);
    this.#finished.reject(error);
  }

  /** For SEND_COMPLETE. */
  sent(event: EventView): void {
    const slot = event.getUint32(StreamEvent.SEND_COMPLETE.ClientContext);
    const canceled = event.getUint8(StreamEvent.SEND_COMPLETE.Canceled) !== 0;
    this.#owner.sendCounts.done++;
    this.#handle.runtime.sends.release(slot, canceled ? this.error : undefined);
  }

  /** For the runtime, before MsQuic is polled: hands over what was gathered. */
  sendBatch(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    const { completion } = batch;
    completion.promise.catch(ignore);
    if (this.#over || this.#error !== undefined) completion.reject(this.error);
    else this.#send(batch, false, completion);
  }

  /** For the runtime: {@linkcode sendBatch} threw. */
  handleFailure(): void {
    this.#owner.handleFailure();
  }

  #gather(piece: Uint8Array): Promise<void> {
    const batch = this.#batch ??= this.#newBatch();
    batch.add(piece);
    if (batch.full) this.sendBatch();
    return batch.completion.promise;
  }

  #newBatch(): SendBatch {
    const batch = new SendBatch();
    const { loop, gathering } = this.#handle.runtime;
    gathering.push(this);
    loop.flush();
    return batch;
  }

  #hold(flight: Flight, ...[data, fin, completion]: Sending): void {
    this.#held ??= new HeldSends({
      send: (...sending) => this.#send(...sending),
      refusal: () => this.#over ? this.#owner.endedError() : this.#error,
    });
    this.#held.add(data, fin, completion);
    if (fin) this.#finSent = true;
    flight.hold(this.#held);
  }

  #send(
    data: Uint8Array | SendBatch,
    fin: boolean,
    completion: Completion,
    memory: "own" | "copy" = "own",
  ): void {
    const { api, sends, outgoing, loop } = this.#handle.runtime;
    let slot: number;
    try {
      const bytes = data instanceof SendBatch ? data.join(outgoing) : data;
      if (this.#place.goesBehind(bytes.length)) sendBehind(this.#handle);
      slot = memory === "own" ? sends.take(bytes, completion) : sends.takeCopy(bytes, completion);
    } catch (error) {
      completion.reject(error);
      return this.#breakOff(error as Error);
    }
    const { pointer } = this.#handle;
    const flags = fin ? SendFlags.FIN : SendFlags.NONE;
    const status = api.StreamSend(pointer, sends.pointer(slot), 1, flags, BigInt(slot));
    if (failed(status)) return this.#refused(slot, status);
    this.#owner.sendCounts.begun++;
    if (fin) this.#finSent = true;
    loop.flush();
  }

  /** MsQuic has not taken a send: the stream or its connection is over, or there is no memory. */
  #refused(slot: number, status: number): void {
    const over = status === Status.ABORTED || status === Status.INVALID_STATE;
    const error = over ? this.#owner.endedError() : this.#handle.error("StreamSend", status);
    this.#handle.runtime.sends.release(slot, this.#error ?? error);
    if (over) this.refuse(error);
    else this.#breakOff(error);
  }

  #breakOff(error: Error): void {
    this.refuse(error);
    this.#stream.breakOff(error);
  }

  #refusal(): Error | undefined {
    if (this.#error !== undefined) return this.#error;
    return this.#finSent ? new TypeError("Cannot send: the stream is finished") : undefined;
  }
}
