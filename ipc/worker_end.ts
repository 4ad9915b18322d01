import { CounterBlock } from "./counters.ts";
import { Heartbeat, HeartbeatReader } from "./heartbeat.ts";
import { Layout } from "./layout.ts";
import {
  decodeManagerMessage,
  encodeMessage,
  type ManagerMessage,
  type WorkerMessage,
} from "./messages.ts";
import { Segment } from "./segment.ts";

/** The worker's end of the shared memory that its manager made. */
export class WorkerEnd implements Disposable, AsyncDisposable {
  /** Updated in place; the manager reads them whenever it likes. */
  readonly counters: CounterBlock;
  readonly #segment: Segment;
  readonly #heartbeat: Heartbeat;
  readonly #pollHeartbeat: Heartbeat;
  readonly #managerHeartbeat: HeartbeatReader;
  #closed = false;

  private constructor(segment: Segment) {
    this.#segment = segment;
    this.counters = new CounterBlock(segment.buffer, Layout.counters);
    this.#heartbeat = new Heartbeat(segment.buffer, Layout.workerHeartbeat);
    this.#pollHeartbeat = new Heartbeat(segment.buffer, Layout.workerPollHeartbeat);
    this.#managerHeartbeat = new HeartbeatReader(segment.buffer, Layout.managerHeartbeat);
    Atomics.store(new Int32Array(segment.buffer, Layout.workerPid, 1), 0, Deno.pid);
  }

  /**
   * Opens the segment that the manager named.
   *
   * @throws {SharedMemoryError} `shared-memory-not-found` when there is none of that name.
   * @throws {SegmentCorruptError} when what is there is no segment of this program's version.
   */
  static open(name: string): WorkerEnd {
    return new WorkerEnd(Segment.open(name));
  }

  get name(): string {
    return this.#segment.name;
  }

  /** Process id of the manager that made the segment. */
  get managerPid(): number {
    return this.#segment.header.managerPid;
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
  async send(message: WorkerMessage): Promise<void> {
    await this.#segment.channel.send(encodeMessage(message));
  }

  /**
   * The manager's messages, until the signal is aborted or this end is disposed. One iteration at a
   * time.
   *
   * @throws {SegmentCorruptError} when something in the segment makes no sense.
   */
  async *messages(signal?: AbortSignal): AsyncGenerator<ManagerMessage, void, void> {
    for await (const record of this.#segment.channel.records(signal)) {
      yield decodeManagerMessage(record);
    }
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
    this.#segment[Symbol.dispose]();
  }

  /** As dispose, and waits until the memory is unmapped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    await this.#segment[Symbol.asyncDispose]();
  }
}
