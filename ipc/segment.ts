import type { ProcessIdentity } from "../base/mod.ts";
import { Doorbell } from "../ffi/doorbell/doorbell.ts";
import { identityOf } from "../ffi/process/process.ts";
import { SharedMemory } from "../ffi/shared_memory/shared_memory.ts";
import { Channel } from "./channel.ts";
import {
  DEFAULT_RING_CAPACITY,
  Layout,
  segmentBytes,
  toManagerRing,
  toManagerUrgentRing,
  toWorkerRing,
  toWorkerUrgentRing,
  URGENT_CAPACITY,
} from "./layout.ts";
import { RingConsumer, RingProducer } from "./ring.ts";
import {
  nextEpoch,
  readHeader,
  type SegmentHeader,
  writeHeader,
  writeManager,
} from "./segment_header.ts";

export interface SegmentOptions {
  /** Name of the shared memory: see `segmentName`. */
  name: string;
  /** How often the worker's place has been filled before. */
  generation: number;
  /** Bytes each way, a power of two; 64 KiB by default. */
  ringCapacity?: number;
  /** The worker goes on without a manager, and waits for the next. */
  keep?: boolean;
}

interface Parts {
  memory: SharedMemory;
  header: SegmentHeader;
  own: Doorbell;
  peer: Doorbell;
  inbox: RingPlaces;
  outbox: RingPlaces;
}

/** Where the two rings of one direction begin. */
interface RingPlaces {
  urgent: number;
  ordinary: number;
}

/**
 * One end of the shared memory between a manager and a worker: the memory, and the channel in it.
 *
 * Whoever disposes it ends what waits in it; `await using` waits until the memory is unmapped.
 */
export class Segment implements Disposable, AsyncDisposable {
  readonly name: string;
  /** The memory. Of length 0 once it is unmapped. */
  readonly buffer: ArrayBuffer;
  readonly header: SegmentHeader;
  readonly channel: Channel;
  readonly #memory: SharedMemory;
  readonly #own: Doorbell;
  readonly #peer: Doorbell;

  private constructor(parts: Parts) {
    const { memory, header, own, peer } = parts;
    this.name = memory.name;
    this.buffer = memory.buffer;
    this.header = header;
    this.#memory = memory;
    this.#own = own;
    this.#peer = peer;
    const { buffer } = memory;
    const { ringCapacity, generation } = header;
    const { inbox, outbox } = parts;
    this.channel = new Channel({
      inbox: {
        urgent: new RingConsumer(buffer, inbox.urgent, URGENT_CAPACITY, generation),
        ordinary: new RingConsumer(buffer, inbox.ordinary, ringCapacity, generation),
      },
      outbox: {
        urgent: new RingProducer(buffer, outbox.urgent, URGENT_CAPACITY, generation),
        ordinary: new RingProducer(buffer, outbox.ordinary, ringCapacity, generation),
      },
      own,
      peer,
    });
  }

  /**
   * Makes a segment: the manager's end.
   *
   * @throws {SharedMemoryError} when the name is taken or the system refuses.
   * @throws {DoorbellError} when the system refuses.
   */
  static create(options: SegmentOptions): Segment {
    const { name, generation, ringCapacity = DEFAULT_RING_CAPACITY, keep = false } = options;
    using undo = new DisposableStack();
    const memory = undo.use(SharedMemory.create(name, segmentBytes(ringCapacity)));
    undo.defer(() => SharedMemory.unlink(name));
    const own = undo.use(Doorbell.create(memory, Layout.managerDoorbell));
    const peer = undo.use(Doorbell.create(memory, Layout.workerDoorbell));
    const header = { generation, manager: thisProcess(), keep, ringCapacity };
    writeHeader(memory.buffer, header);
    const segment = new Segment({
      memory,
      header,
      own,
      peer,
      inbox: ringsToManager(ringCapacity),
      outbox: ringsToWorker(),
    });
    undo.move();
    return segment;
  }

  /**
   * Opens a segment: the worker's end.
   *
   * @throws {SharedMemoryError} `shared-memory-not-found` when there is none of that name.
   * @throws {SegmentCorruptError} when what is there is no segment of this version, or not whole.
   */
  static open(name: string): Segment {
    using undo = new DisposableStack();
    const memory = undo.use(SharedMemory.open(name));
    const header = readHeader(memory.buffer, name);
    const own = undo.use(Doorbell.open(memory, Layout.workerDoorbell));
    const peer = undo.use(Doorbell.open(memory, Layout.managerDoorbell));
    const segment = new Segment({
      memory,
      header,
      own,
      peer,
      inbox: ringsToWorker(),
      outbox: ringsToManager(header.ringCapacity),
    });
    undo.move();
    return segment;
  }

  /**
   * Opens a segment whose manager is gone, and takes its place: what it and the worker have said to each
   * other so far is void, and the worker is told so with the first record.
   *
   * @throws as `open` does.
   */
  static takeOver(name: string): Segment {
    using undo = new DisposableStack();
    const memory = undo.use(SharedMemory.open(name));
    const header = readHeader(memory.buffer, name);
    const own = undo.use(Doorbell.open(memory, Layout.managerDoorbell));
    const peer = undo.use(Doorbell.open(memory, Layout.workerDoorbell));
    const segment = new Segment({
      memory,
      header,
      own,
      peer,
      inbox: ringsToManager(header.ringCapacity),
      outbox: ringsToWorker(),
    });
    writeManager(memory.buffer, thisProcess());
    segment.channel.takeOver(nextEpoch(memory.buffer));
    undo.move();
    return segment;
  }

  /** Removes the name, so that nothing is left when both ends are gone. Harmless when repeated. */
  unlink(): void {
    SharedMemory.unlink(this.name);
  }

  [Symbol.dispose](): void {
    this.channel[Symbol.dispose]();
    this.#own[Symbol.dispose]();
    this.#peer[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    await this.#own[Symbol.asyncDispose]();
  }
}

/** This process, as the other end can check it. */
export function thisProcess(): ProcessIdentity {
  return identityOf(Deno.pid) ?? { pid: Deno.pid, startTime: 0n };
}

function ringsToWorker(): RingPlaces {
  return { urgent: toWorkerUrgentRing(), ordinary: toWorkerRing() };
}

function ringsToManager(ringCapacity: number): RingPlaces {
  return { urgent: toManagerUrgentRing(), ordinary: toManagerRing(ringCapacity) };
}
