import type { ProcessIdentity } from "../base/mod.ts";
import { Conversation, type RequestOptions } from "./conversation.ts";
import { CounterBlock } from "./counters.ts";
import { Heartbeat, HeartbeatReader } from "./heartbeat.ts";
import { Layout } from "./layout.ts";
import {
  encodeMessage,
  isUrgent,
  type ManagerMessage,
  managerMessage,
  type WorkerMessage,
} from "./messages.ts";
import {
  MANAGER_REQUESTS,
  type ManagerRequests,
  WORKER_REQUESTS,
  type WorkerRequests,
} from "./requests.ts";
import type { RequestHandlers } from "./request_server.ts";
import { Segment, thisProcess } from "./segment.ts";
import { readManager, writeWorker } from "./segment_header.ts";
import { TurnTimesBlock } from "./turn_times_block.ts";

/** The worker's end of the shared memory that its manager made. */
export class WorkerEnd implements Disposable, AsyncDisposable {
  /** Updated in place; the manager reads them whenever it likes. */
  readonly counters: CounterBlock;
  readonly #turnTimes: TurnTimesBlock;
  readonly #segment: Segment;
  readonly #conversation: Conversation<ManagerMessage, WorkerRequests, ManagerRequests>;
  readonly #heartbeat: Heartbeat;
  readonly #pollHeartbeat: Heartbeat;
  readonly #managerHeartbeat: HeartbeatReader;
  #closed = false;

  private constructor(segment: Segment) {
    this.#segment = segment;
    this.#conversation = new Conversation({
      channel: segment.channel,
      message: managerMessage,
      isUrgent,
      asked: WORKER_REQUESTS,
      answered: MANAGER_REQUESTS,
      onCorrupt: () => {},
    });
    this.counters = new CounterBlock(segment.buffer, Layout.counters);
    this.#turnTimes = new TurnTimesBlock(segment.buffer, Layout.turnTimes);
    this.#heartbeat = new Heartbeat(segment.buffer, Layout.workerHeartbeat);
    this.#pollHeartbeat = new Heartbeat(segment.buffer, Layout.workerPollHeartbeat);
    this.#managerHeartbeat = new HeartbeatReader(segment.buffer, Layout.managerHeartbeat);
    this.#conversation.acceptSuccessors();
    writeWorker(segment.buffer, thisProcess());
  }

  /**
   * Opens the segment that the manager named.
   *
   * @throws {SharedMemoryError} `shared-memory-not-found` when there is none of that name.
   * @throws {SegmentCorruptError} when what is there is no segment of this program's version.
   */
  static open(name: string): WorkerEnd {
    using undo = new DisposableStack();
    const end = new WorkerEnd(undo.use(Segment.open(name)));
    undo.move();
    return end;
  }

  get name(): string {
    return this.#segment.name;
  }

  /** The manager that made the segment, or the last one that took over. */
  get manager(): ProcessIdentity {
    return this.#closed ? this.#segment.header.manager : readManager(this.#segment.buffer);
  }

  /** How often this worker's place has been filled before. */
  get generation(): number {
    return this.#segment.header.generation;
  }

  /**
   * Sends a message; resolves once it is in the ring, which may have to become free first.
   *
   * @throws {MessageTooLargeError | SegmentCorruptError | ChannelClosedError}
   */
  send(message: WorkerMessage): Promise<void> {
    return this.#conversation.send(encodeMessage(message), isUrgent(message));
  }

  /**
   * The manager's messages, `stop` first, until the signal is aborted or this end is disposed. One
   * iteration at a time.
   *
   * @throws {SegmentCorruptError} when something in the segment makes no sense.
   */
  messages(signal?: AbortSignal): AsyncGenerator<ManagerMessage, void, void> {
    return this.#conversation.messages(signal);
  }

  /**
   * Asks the manager, and resolves with its answer, checked.
   *
   * @throws as `ManagerEnd.request` does.
   */
  request<Name extends keyof WorkerRequests>(
    name: Name,
    params: WorkerRequests[Name]["params"],
    options: RequestOptions = {},
  ): Promise<WorkerRequests[Name]["answer"]> {
    return this.#conversation.request(name, params, options);
  }

  /** Answers the manager's requests with these handlers; those of the same names are replaced. */
  serve(handlers: RequestHandlers<ManagerRequests>): void {
    this.#conversation.serve(handlers);
  }

  /** Shows the manager how many turns took how long: see `TURN_BOUNDS_MS`. Not after dispose. */
  showTurnTimes(counts: ArrayLike<number>): void {
    if (!this.#closed) this.#turnTimes.show(counts);
  }

  /** Shows the manager that the event loop turns. Does nothing after dispose. */
  beat(): void {
    if (!this.#closed) this.#heartbeat.beat();
  }

  /** Shows the manager how often the network loop has turned. Does nothing after dispose. */
  pollBeat(turns: number): void {
    if (!this.#closed) this.#pollHeartbeat.show(turns);
  }

  /** Milliseconds since the manager was last seen to live; `Infinity` after dispose. */
  get managerHeartbeatAgeMs(): number {
    return this.#closed ? Infinity : this.#managerHeartbeat.ageMs;
  }

  /** Removes the segment's name, in place of a manager that is gone. */
  unlink(): void {
    this.#segment.unlink();
  }

  /** Gives the memory back. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conversation[Symbol.dispose]();
    this.#segment[Symbol.dispose]();
  }

  /** As dispose, and waits until the memory is unmapped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    await this.#segment[Symbol.asyncDispose]();
    await this.#conversation.ended();
  }
}
