import {
  failed,
  SendFlags,
  Status,
  StreamEvent,
  StreamEventType,
  StreamOpenFlags,
  StreamShutdownFlags,
  StreamStartFlags,
} from "./abi/mod.ts";
import { type BlockedTimes, BlockedWatch } from "./blocked_times.ts";
import { Deferred } from "./deferred.ts";
import { abortedByPeer, StreamAbortedError } from "./errors.ts";
import type { EventView } from "./event_view.ts";
import type { Flight } from "./flight.ts";
import { Handle } from "./handle.ts";
import { HeldSends, PIECE, type Sending } from "./held_sends.ts";
import { copyWhole, takeReceived } from "./receive_event.ts";
import { ReceiveQueue } from "./receive_queue.ts";
import { SendBatch, SMALL_SEND } from "./send_batch.ts";
import type { Completion } from "./send_slots.ts";
import type { Gathering } from "./runtime.ts";
import { sendBehind, SendPlace } from "./send_order.ts";
import type { ReadOptions, SendOptions, StreamOwner } from "./stream_owner.ts";
import type { StreamWindow } from "./stream_windows.ts";
import { ignore, refusal } from "./unwatched.ts";

/** The application error code of a stream that is reset after an error of this program. */
const INTERNAL_ERROR = 1;

/** Whom streams of the peer are offered to. */
export interface WholeTaker {
  /**
   * All that the peer sends on a stream has come, in one small piece, inside of MsQuic's event.
   *
   * @param bytes Borrowed, until this returns.
   * @returns Whether nothing of it is to be read any more.
   */
  offer(stream: Stream, bytes: Uint8Array): boolean;
}

/**
 * A bidirectional stream (RFC 9000 section 2).
 *
 * Its native handle is closed by itself once both directions are over and the reader has given back
 * what it borrowed.
 */
export class Stream implements AsyncDisposable, Gathering {
  readonly #owner: StreamOwner;
  readonly #handle: Handle;
  readonly #receive: ReceiveQueue;
  /** What it may make this process hold; there once it does. */
  #window: StreamWindow | undefined;
  /** How much it has brought until then. */
  #copied = 0;
  readonly #place: SendPlace;
  readonly #sendFinished = new Deferred();
  readonly #closed = new Deferred();
  #id: number;
  #finSent = false;
  /** What goes to MsQuic before it is polled next. */
  #batch: SendBatch | undefined;
  #blocked: BlockedWatch | undefined;
  /** What goes to MsQuic when its connection has room for it. */
  #held: HeldSends | undefined;
  #sendError: Error | undefined;
  #sendOver = false;
  #over = false;
  /** Whom it is offered to, if it is the peer's, and nothing has come on it yet. */
  #firstTaker: WholeTaker | undefined;
  #idealBytes = 0;

  private constructor(owner: StreamOwner, id: number) {
    this.#owner = owner;
    this.#id = id;
    this.#place = new SendPlace(owner.sendOrder);
    this.#receive = new ReceiveQueue((bytes) => this.#returnLent(bytes));
    this.#handle = new Handle(owner.handle.runtime, "stream", this);
  }

  /** For this folder alone: takes on a stream that the peer has opened. */
  static accept(
    owner: StreamOwner,
    pointer: Deno.PointerValue,
    id: number,
    firstTaker: WholeTaker,
  ): Stream {
    const stream = new Stream(owner, id);
    stream.#firstTaker = firstTaker;
    stream.#handle.adopt(pointer);
    return stream;
  }

  /** For this folder alone: opens a stream. */
  static open(owner: StreamOwner): Stream {
    const stream = new Stream(owner, -1);
    const handle = stream.#handle;
    const { api, loop } = handle.runtime;
    handle.acquire("StreamOpen", (callback, context, out) => {
      return api.StreamOpen(owner.handle.pointer, StreamOpenFlags.NONE, callback, context, out);
    });
    const status = api.StreamStart(handle.pointer, StreamStartFlags.SHUTDOWN_ON_FAIL);
    if (failed(status)) {
      handle.abandon();
      throw handle.error("StreamStart", status);
    }
    loop.flush();
    return stream;
  }

  /** The stream's number (RFC 9000 section 2.1); -1 for one of ours that has not started yet. */
  get id(): number {
    return this.#id;
  }

  /** Whether the peer has sent its last byte and that has been read: `read` returns `null`. */
  get exhausted(): boolean {
    return this.#receive.exhausted;
  }

  /** For how long what it sends has had to wait; known also after its end if it was asked for before. */
  get blocked(): BlockedTimes | undefined {
    return (this.#blocked ??= new BlockedWatch(this.#handle, this)).times;
  }

  /** For how long it has had bytes for which there was no room on the path, in milliseconds. */
  get heldMs(): number {
    return this.#held?.heldMs ?? 0;
  }

  /** Resolves when both directions are over. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * The next bytes from the peer, or `null` after its last.
   *
   * The bytes are borrowed: they are valid until the next call of `read`, `release` or `close`. Not
   * reading on is back-pressure: MsQuic gives the peer no more credit (RFC 9000 section 4). When the
   * connection ends, what MsQuic had not handed over yet is lost.
   *
   * @throws {StreamAbortedError} If the peer resets the stream, or this side has.
   * @throws {ConnectionEndedError} If the connection ends before the peer's last byte.
   */
  read(options: ReadOptions = {}): Promise<Uint8Array | null> {
    return this.#receive.read(options.signal);
  }

  /** Gives back what the last read lent, before the next one. */
  release(): void {
    this.#receive.release();
  }

  /**
   * Sends bytes; resolves when MsQuic is done with them, and they may be changed again.
   *
   * Nobody has to look at the promise: who does not, hears of a failure at the next call.
   *
   * To keep the pipe full, have several sends under way: what waits for acknowledgement is sent
   * from the caller's memory, nothing is copied.
   *
   * @throws {StreamAbortedError} If the peer no longer wants them, or this side has reset the stream.
   * @throws {ConnectionEndedError} If the connection ends before.
   */
  send(data: Uint8Array, options: SendOptions = {}): Promise<void> {
    const refused = this.#refusal();
    if (refused !== undefined) return refusal(refused);
    const { fin = false } = options;
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

  /**
   * Sends a copy of all that is sent on a stream on which nothing was sent before, without a promise where it
   * is up to 64 KiB.
   *
   * @param completion Is told when the peer has it, or cannot have it any more.
   */
  sendAll(data: Uint8Array, completion: Completion): void {
    const refused = this.#refusal();
    if (refused !== undefined) return completion.reject(refused);
    if (data.length <= PIECE) return this.#send(data, true, completion, "copy");
    this.send(data.slice(), { fin: true }).then(completion.resolve, completion.reject);
  }

  /** How many bytes it takes to have under way in sends for the path to be full; 0 if it is not known. */
  get idealBytes(): number {
    return this.#held === undefined ? this.#idealBytes : this.#owner.flight?.idealBytes ?? 0;
  }

  /** Ends this side's direction; resolves when the peer has acknowledged everything. */
  finish(): Promise<void> {
    if (!this.#finSent) {
      const refused = this.#refusal();
      if (refused !== undefined) return refusal(refused);
      if (this.#held?.waiting) void this.send(new Uint8Array(), { fin: true });
      else {
        this.sendBatch();
        this.#finSent = true;
        this.#shutdown(StreamShutdownFlags.GRACEFUL, 0);
      }
    }
    return this.#sendFinished.promise;
  }

  /** Resets both directions (RESET_STREAM and STOP_SENDING, RFC 9000 section 19.4 and 19.5). */
  abort(errorCode = 0): void {
    const error = new StreamAbortedError(`Stream reset here with code ${errorCode}`, errorCode);
    this.#receive.end(error);
    this.#sendError ??= error;
    this.#shutdown(StreamShutdownFlags.ABORT, errorCode);
  }

  /** Tells the peer to stop sending; what this side sends goes on. */
  abortReceive(errorCode = 0): void {
    this.#receive.end(
      new StreamAbortedError(`Receiving stopped here with code ${errorCode}`, errorCode),
    );
    this.#shutdown(StreamShutdownFlags.ABORT_RECEIVE, errorCode);
  }

  /** Resets what is still open, and waits until the stream is over. A FIN that was sent stands. */
  close(): Promise<void> {
    this.release();
    if (!this.#over) {
      if (!this.#receive.drained) this.abortReceive();
      if (!this.#finSent) this.abort();
    }
    return this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For MsQuic. */
  handleEvent(event: EventView): number {
    switch (event.getUint32(StreamEvent.Type)) {
      case StreamEventType.RECEIVE:
        return this.#onReceive(event);
      case StreamEventType.SEND_COMPLETE:
        this.#onSendComplete(event);
        break;
      case StreamEventType.IDEAL_SEND_BUFFER_SIZE:
        this.#idealBytes = event.getUint32(StreamEvent.IDEAL_SEND_BUFFER_SIZE.ByteCount);
        break;
      case StreamEventType.START_COMPLETE:
        this.#id = Number(event.getBigUint64(StreamEvent.START_COMPLETE.ID));
        break;
      case StreamEventType.PEER_SEND_SHUTDOWN:
        this.#receive.end("fin");
        break;
      case StreamEventType.PEER_SEND_ABORTED:
        this.#receive.end(
          abortedByPeer("reset", event.getBigUint64(StreamEvent.PEER_SEND_ABORTED.ErrorCode)),
        );
        break;
      case StreamEventType.PEER_RECEIVE_ABORTED:
        this.#sendError ??= abortedByPeer(
          "no longer read",
          event.getBigUint64(StreamEvent.PEER_RECEIVE_ABORTED.ErrorCode),
        );
        break;
      case StreamEventType.SEND_SHUTDOWN_COMPLETE:
        this.#blocked?.acknowledged();
        this.#endSending(
          event.getUint8(StreamEvent.SEND_SHUTDOWN_COMPLETE.Graceful)
            ? undefined
            : this.#sendError ?? this.#owner.endedError(),
        );
        break;
      case StreamEventType.SHUTDOWN_COMPLETE:
        this.#onShutdownComplete();
        break;
    }
    return Status.SUCCESS;
  }

  /** Who it is in logs and errors, as in MsQuic's traces: `[strm][3]`. */
  get traceName(): string {
    return this.#handle.traceName;
  }

  /** For the runtime, before MsQuic is polled: hands over what was gathered. */
  sendBatch(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    const { completion } = batch;
    completion.promise.catch(ignore);
    if (this.#over || this.#sendError !== undefined) {
      completion.reject(this.#sendError ?? this.#owner.endedError());
    } else {
      this.#send(batch, false, completion);
    }
  }

  /** For MsQuic's dispatcher: an event of this stream could not be handled. */
  handleFailure(): void {
    this.#owner.handleFailure();
  }

  #gather(piece: Uint8Array): Promise<void> {
    const batch = this.#batch ??= this.#newBatch();
    batch.add(piece);
    if (batch.full) this.sendBatch();
    return batch.completion.promise;
  }

  #hold(flight: Flight, ...[data, fin, completion]: Sending): void {
    this.#held ??= new HeldSends({
      send: (...sending) => this.#send(...sending),
      refusal: () => this.#over ? this.#owner.endedError() : this.#sendError,
    });
    this.#held.add(data, fin, completion);
    if (fin) this.#finSent = true;
    flight.hold(this.#held);
  }

  #newBatch(): SendBatch {
    const batch = new SendBatch();
    const { loop, gathering } = this.#handle.runtime;
    gathering.push(this);
    loop.flush();
    return batch;
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
    const flags = fin ? SendFlags.FIN : SendFlags.NONE;
    const status = api.StreamSend(
      this.#handle.pointer,
      sends.pointer(slot),
      1,
      flags,
      BigInt(slot),
    );
    if (failed(status)) return this.#refused(slot, status);
    if (fin) this.#finSent = true;
    loop.flush();
  }

  /** MsQuic has not taken a send: the stream or its connection is over, or there is no memory. */
  #refused(slot: number, status: number): void {
    const over = status === Status.ABORTED || status === Status.INVALID_STATE;
    const error = over ? this.#owner.endedError() : this.#handle.error("StreamSend", status);
    this.#handle.runtime.sends.release(slot, this.#sendError ?? error);
    if (over) this.#sendError ??= error;
    else this.#breakOff(error);
  }

  /** Resets the stream: bytes are missing, and what is sent next would be taken for them. */
  #breakOff(error: Error): void {
    this.#sendError ??= error;
    this.#receive.end(error);
    this.#shutdown(StreamShutdownFlags.ABORT, INTERNAL_ERROR);
  }

  #onReceive(event: EventView): number {
    const firstTaker = this.#firstTaker;
    if (firstTaker !== undefined) {
      this.#firstTaker = undefined;
      if (this.#isTaken(event, firstTaker)) return Status.SUCCESS;
    }
    const status = takeReceived(event, this.#receive, this.#handle.runtime.received);
    const { windows } = this.#owner;
    if (windows === undefined) return status;
    // What is lent is not read before the reader gives it back.
    const lent = status === Status.PENDING;
    const read = lent ? 0 : event.getUint32(StreamEvent.RECEIVE.TotalBufferLength);
    if (this.#window !== undefined) this.#window.delivered(read);
    else if (lent || (this.#copied += read) >= windows.freely) {
      this.#window = windows.begin(this.#copied);
    }
    return status;
  }

  /** Whether somebody has done at once with it what there is to do. */
  #isTaken(event: EventView, firstTaker: WholeTaker): boolean {
    const whole = copyWhole(event);
    if (whole === undefined || !firstTaker.offer(this, whole)) return false;
    this.#receive.end("fin");
    return true;
  }

  #onSendComplete(event: EventView): void {
    const slot = event.getUint32(StreamEvent.SEND_COMPLETE.ClientContext);
    const canceled = event.getUint8(StreamEvent.SEND_COMPLETE.Canceled) !== 0;
    const error = canceled ? this.#sendError ?? this.#owner.endedError() : undefined;
    this.#handle.runtime.sends.release(slot, error);
  }

  #onShutdownComplete(): void {
    this.#over = true;
    try {
      this.#receive.detach();
    } finally {
      this.#end();
    }
  }

  #end(): void {
    if (!this.#receive.ended) this.#receive.end(this.#owner.endedError());
    if (!this.#sendOver) this.#endSending(this.#sendError ?? this.#owner.endedError());
    this.#releaseHandle();
    this.#closed.resolve();
  }

  /** This side's direction is over: everything acknowledged, or not because of `error`. */
  #endSending(error: Error | undefined): void {
    this.#sendOver = true;
    this.#place.end();
    this.#sendError ??= error;
    if (error === undefined) return this.#sendFinished.resolve();
    this.#held?.fail(error);
    this.#sendFinished.reject(error);
  }

  #returnLent(bytes: number): void {
    if (this.#over) return this.#releaseHandle();
    this.#window?.delivered(bytes);
    const { api, loop } = this.#handle.runtime;
    api.StreamReceiveComplete(this.#handle.pointer, BigInt(bytes));
    loop.flush();
  }

  /** Closes the handle, unless the reader still looks at memory that goes with it. */
  #releaseHandle(): void {
    if (!this.#handle.open || this.#receive.borrowed) return;
    this.#handle.close();
    this.#window?.[Symbol.dispose]();
    this.#owner.streamClosed();
  }

  #shutdown(flags: number, errorCode: number): void {
    if (this.#over) return;
    const { api, loop } = this.#handle.runtime;
    api.StreamShutdown(this.#handle.pointer, flags, BigInt(errorCode));
    loop.flush();
  }

  #refusal(): Error | undefined {
    if (this.#sendError !== undefined) return this.#sendError;
    return this.#finSent ? new TypeError("Cannot send: the stream is finished") : undefined;
  }
}
