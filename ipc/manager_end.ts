import { CounterBlock, type Counters, emptyCounters } from "./counters.ts";
import { Conversation, type RequestOptions } from "./conversation.ts";
import { Heartbeat, HeartbeatReader } from "./heartbeat.ts";
import { Layout } from "./layout.ts";
import {
  encodeMessage,
  isUrgent,
  type ManagerMessage,
  type WorkerMessage,
  workerMessage,
} from "./messages.ts";
import {
  MANAGER_REQUESTS,
  type ManagerRequests,
  WORKER_REQUESTS,
  type WorkerRequests,
} from "./requests.ts";
import type { RequestHandlers } from "./request_server.ts";
import { Segment } from "./segment.ts";
import { isSound } from "./segment_check.ts";
import { segmentName } from "./segment_name.ts";
import { TurnTimesBlock } from "./turn_times_block.ts";

export interface ManagerEndOptions {
  instance: string;
  /** The worker's port; a part of the segment's name only. */
  port: number;
  /** How often the worker's place has been filled before. */
  generation: number;
  /** Name of the segment; by default one is made up. */
  name?: string;
  /** The worker goes on without a manager, and waits for the next. */
  keep?: boolean;
}

/**
 * The manager's end of the shared memory that it has with one worker.
 *
 * Nothing that the worker leaves there is trusted: what makes no sense ends the messages with a
 * {@linkcode SegmentCorruptError} and sets {@linkcode ManagerEnd.corrupt}, and that is all.
 */
export class ManagerEnd implements Disposable, AsyncDisposable {
  readonly #segment: Segment;
  readonly #conversation: Conversation<WorkerMessage, ManagerRequests, WorkerRequests>;
  readonly #heartbeat: Heartbeat;
  readonly #workerHeartbeat: HeartbeatReader;
  readonly #workerPollHeartbeat: HeartbeatReader;
  readonly #workerPid: Int32Array<ArrayBuffer>;
  readonly #counters: CounterBlock;
  readonly #turnTimes: TurnTimesBlock;
  #lastCounters: Counters = emptyCounters();
  #lastTurnTimes: readonly number[] = [];
  #corrupt = false;
  #closed = false;

  private constructor(segment: Segment) {
    this.#segment = segment;
    this.#conversation = new Conversation({
      channel: segment.channel,
      message: workerMessage,
      isUrgent,
      asked: MANAGER_REQUESTS,
      answered: WORKER_REQUESTS,
      onCorrupt: () => this.#corrupt = true,
    });
    this.#heartbeat = new Heartbeat(segment.buffer, Layout.managerHeartbeat);
    this.#workerHeartbeat = new HeartbeatReader(segment.buffer, Layout.workerHeartbeat);
    this.#workerPollHeartbeat = new HeartbeatReader(segment.buffer, Layout.workerPollHeartbeat);
    this.#workerPid = new Int32Array(segment.buffer, Layout.workerPid, 1);
    this.#counters = new CounterBlock(segment.buffer, Layout.counters);
    this.#turnTimes = new TurnTimesBlock(segment.buffer, Layout.turnTimes);
  }

  /**
   * Makes the shared memory for a worker that is about to be started.
   *
   * @throws {SharedMemoryError | DoorbellError} when the system refuses.
   */
  static create(options: ManagerEndOptions): ManagerEnd {
    const { instance, port, generation, keep = false } = options;
    const name = options.name ?? segmentName(instance, port);
    return ManagerEnd.#of(Segment.create({ name, generation, keep }));
  }

  /**
   * Takes the place of a manager that is gone. What it and the worker were saying to each other is
   * void; the worker is asked anew. That it is the right one is to be checked: see `identify`.
   *
   * @throws {SharedMemoryError} `shared-memory-not-found` when there is none of that name.
   * @throws {SegmentCorruptError} when what is there is no segment of this program's version.
   * @throws {DoorbellError} when the system refuses.
   */
  static takeOver(name: string): ManagerEnd {
    return ManagerEnd.#of(Segment.takeOver(name));
  }

  static #of(segment: Segment): ManagerEnd {
    using undo = new DisposableStack();
    undo.use(segment);
    const end = new ManagerEnd(segment);
    undo.move();
    return end;
  }

  /** How often the worker's place had been filled before. */
  get generation(): number {
    return this.#segment.header.generation;
  }

  /** What the worker opens. */
  get name(): string {
    return this.#segment.name;
  }

  /**
   * Sends a message; resolves once it is in the ring, which may have to become free first. `stop`
   * overtakes everything that the worker has not read yet.
   *
   * @throws {MessageTooLargeError | SegmentCorruptError | ChannelClosedError}
   */
  send(message: ManagerMessage): Promise<void> {
    return this.#conversation.send(encodeMessage(message), isUrgent(message));
  }

  /**
   * The worker's messages, until the signal is aborted or this end is disposed. One iteration at a
   * time.
   *
   * @throws {SegmentCorruptError} when something in the segment makes no sense.
   */
  messages(signal?: AbortSignal): AsyncGenerator<WorkerMessage, void, void> {
    return this.#conversation.messages(signal);
  }

  /** What the worker, whose process has ended, said last and nobody has iterated over. */
  lastMessages(): WorkerMessage[] {
    return this.#closed ? [] : this.#conversation.lastMessages();
  }

  /**
   * Asks the worker, and resolves with its answer, checked.
   *
   * @throws {RequestFailedError} with the worker's code: it answers with an error.
   * @throws {DeadlineExceededError} when there is no answer in time.
   * @throws {ChannelClosedError} when this end is, or is meanwhile, disposed.
   * @throws {SegmentCorruptError} when something in the segment makes no sense.
   * @throws {TooManyRequestsError | MessageTooLargeError}
   */
  request<Name extends keyof ManagerRequests>(
    name: Name,
    params: ManagerRequests[Name]["params"],
    options: RequestOptions = {},
  ): Promise<ManagerRequests[Name]["answer"]> {
    return this.#conversation.request(name, params, options);
  }

  /** Answers the worker's requests with these handlers; those of the same names are replaced. */
  serve(handlers: RequestHandlers<WorkerRequests>): void {
    this.#conversation.serve(handlers);
  }

  /** Shows the worker that this manager lives. Does nothing after dispose. */
  beat(): void {
    if (!this.#closed) this.#heartbeat.beat();
  }

  /** Process id of the worker, by its own account; 0 until it has opened the segment. */
  get workerPid(): number {
    return this.#closed ? 0 : Atomics.load(this.#workerPid, 0);
  }

  /** Milliseconds since the worker's event loop was last seen to turn; `Infinity` after dispose. */
  get workerHeartbeatAgeMs(): number {
    return this.#closed ? Infinity : this.#workerHeartbeat.ageMs;
  }

  /** Milliseconds since the worker's network loop was last seen to turn; `Infinity` after dispose. */
  get workerPollAgeMs(): number {
    return this.#closed ? Infinity : this.#workerPollHeartbeat.ageMs;
  }

  /** The worker's counters as they are now; the last good ones when what is there makes no sense. */
  get counters(): Readonly<Counters> {
    if (this.#closed) return this.#lastCounters;
    const counters = this.#counters.snapshot();
    if (counters === null) this.#corrupt = true;
    else this.#lastCounters = counters;
    return this.#lastCounters;
  }

  /** How many of the worker's turns took how long: see `TURN_BOUNDS_MS`. As with the counters. */
  get turnTimes(): readonly number[] {
    if (this.#closed) return this.#lastTurnTimes;
    const counts = this.#turnTimes.snapshot();
    if (counts === null) this.#corrupt = true;
    else this.#lastTurnTimes = counts;
    return this.#lastTurnTimes;
  }

  /** Whether something in the segment made no sense so far, or makes none now. */
  get corrupt(): boolean {
    if (this.#closed || this.#corrupt) return this.#corrupt;
    const { buffer, name, header } = this.#segment;
    return this.#corrupt = !isSound(buffer, name, header);
  }

  /**
   * Gives the memory back and leaves the name, so that another manager can take over, as soon as this
   * resolves.
   */
  async letGo(): Promise<void> {
    this.#close();
    await this.#segment[Symbol.asyncDispose]();
    await this.#conversation.ended();
  }

  /** Removes the name and gives the memory back; the worker keeps what it has mapped. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#close();
    this.#segment.unlink();
  }

  /** As dispose, and waits until the memory is unmapped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    await this.#segment[Symbol.asyncDispose]();
    await this.#conversation.ended();
  }

  #close(): void {
    this.#closed = true;
    this.#conversation[Symbol.dispose]();
    this.#segment[Symbol.dispose]();
  }
}
