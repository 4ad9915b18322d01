import {
  failed,
  Status,
  StreamEvent,
  StreamEventType,
  StreamOpenFlags,
  StreamShutdownFlags,
  StreamStartFlags,
} from "./abi/mod.ts";
import { type BlockedTimes, BlockedWatch } from "./blocked_times.ts";
import { readStatistics } from "./connection_statistics.ts";
import { Deferred } from "./deferred.ts";
import { abortedByPeer, StreamAbortedError } from "./errors.ts";
import type { EventView } from "./event_view.ts";
import { Handle } from "./handle.ts";
import { copyWhole, isLong, takeReceived } from "./receive_event.ts";
import { ReceiveQueue } from "./receive_queue.ts";
import type { Completion } from "./send_slots.ts";
import { type SendingStream, SendSide } from "./send_side.ts";
import type { ReadOptions, SendOptions, StreamOwner } from "./stream_owner.ts";
import type { StreamWindow } from "./stream_windows.ts";

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
export class Stream implements AsyncDisposable, SendingStream {
  readonly #owner: StreamOwner;
  readonly #handle: Handle;
  readonly #receive: ReceiveQueue;
  /** What it may make this process hold; there once it does. */
  #window: StreamWindow | undefined;
  /** How much it has brought until then. */
  #copied = 0;
  readonly #sends: SendSide;
  readonly #closed = new Deferred();
  #id: number;
  #blocked: BlockedWatch | undefined;
  #over = false;
  /** Whom it is offered to, if it is the peer's, and nothing has come on it yet. */
  #firstTaker: WholeTaker | undefined;

  private constructor(owner: StreamOwner, id: number) {
    this.#owner = owner;
    this.#id = id;
    this.#receive = new ReceiveQueue((bytes) => this.#returnLent(bytes));
    this.#handle = new Handle(owner.handle.runtime, "stream", this);
    this.#sends = new SendSide(owner, this.#handle, this);
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
    return this.#sends.heldMs;
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
  send(data: Uint8Array, options?: SendOptions): Promise<void> {
    return this.#sends.send(data, options);
  }

  /**
   * Sends a copy of all that is sent on a stream on which nothing was sent before, without a promise where it
   * is up to 64 KiB.
   *
   * @param completion Is told when the peer has it, or cannot have it any more.
   */
  sendAll(data: Uint8Array, completion: Completion): void {
    this.#sends.sendAll(data, completion);
  }

  /** How many bytes it takes to have under way in sends for the path to be full; 0 if it is not known. */
  get idealBytes(): number {
    return this.#sends.idealBytes;
  }

  /** The shortest round trip that was seen on the connection, in milliseconds; `undefined` once that is over. */
  get roundTripMs(): number | undefined {
    try {
      return readStatistics(this.#owner.handle).minRttUs / 1000;
    } catch {
      return undefined;
    }
  }

  /** Ends this side's direction; resolves when the peer has acknowledged everything. */
  finish(): Promise<void> {
    return this.#sends.finish();
  }

  /** Resets both directions (RESET_STREAM and STOP_SENDING, RFC 9000 section 19.4 and 19.5). */
  abort(errorCode = 0): void {
    const error = new StreamAbortedError(`Stream reset here with code ${errorCode}`, errorCode);
    this.#receive.end(error);
    this.#sends.refuse(error);
    this.shutdown(StreamShutdownFlags.ABORT, errorCode);
  }

  /** Tells the peer to stop sending; what this side sends goes on. */
  abortReceive(errorCode = 0): void {
    this.#receive.end(
      new StreamAbortedError(`Receiving stopped here with code ${errorCode}`, errorCode),
    );
    this.shutdown(StreamShutdownFlags.ABORT_RECEIVE, errorCode);
  }

  /** Resets what is still open, and waits until the stream is over. A FIN that was sent stands. */
  close(): Promise<void> {
    this.release();
    if (!this.#over) {
      if (!this.#receive.drained) this.abortReceive();
      if (!this.#sends.finSent) this.abort();
    }
    return this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For its sending side. */
  shutdown(flags: number, errorCode: number): void {
    if (this.#over) return;
    const { api, loop } = this.#handle.runtime;
    api.StreamShutdown(this.#handle.pointer, flags, BigInt(errorCode));
    loop.flush();
  }

  /** For its sending side: resets the stream. */
  breakOff(error: Error): void {
    this.#receive.end(error);
    this.shutdown(StreamShutdownFlags.ABORT, INTERNAL_ERROR);
  }

  /** For MsQuic. */
  handleEvent(event: EventView): number {
    switch (event.getUint32(StreamEvent.Type)) {
      case StreamEventType.RECEIVE:
        return this.#onReceive(event);
      case StreamEventType.SEND_COMPLETE:
        this.#sends.sent(event);
        break;
      case StreamEventType.IDEAL_SEND_BUFFER_SIZE:
        this.#sends.idealBytes = event.getUint32(StreamEvent.IDEAL_SEND_BUFFER_SIZE.ByteCount);
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
        this.#sends.refuse(
          abortedByPeer(
            "no longer read",
            event.getBigUint64(StreamEvent.PEER_RECEIVE_ABORTED.ErrorCode),
          ),
        );
        break;
      case StreamEventType.SEND_SHUTDOWN_COMPLETE:
        this.#blocked?.acknowledged();
        this.#sends.end(event.getUint8(StreamEvent.SEND_SHUTDOWN_COMPLETE.Graceful) !== 0);
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

  /** For MsQuic's dispatcher: an event of this stream could not be handled. */
  handleFailure(): void {
    this.#owner.handleFailure();
  }

  #onReceive(event: EventView): number {
    const firstTaker = this.#firstTaker;
    if (firstTaker !== undefined) {
      this.#firstTaker = undefined;
      if (this.#isTaken(event, firstTaker)) return Status.SUCCESS;
    }
    const status = takeReceived(event, this.#receive, this.#handle.runtime.received);
    const { windows, promptAck } = this.#owner;
    if (promptAck !== undefined && isLong(event)) {
      promptAck.received(event.getUint32(StreamEvent.RECEIVE.TotalBufferLength));
    }
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
    this.#sends.end(false);
    this.#releaseHandle();
    this.#closed.resolve();
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
}
