import { getLogger } from "@logtape/logtape";
import { totalmem } from "node:os";
import { limitMemory } from "../../ffi/mod.ts";
import type { WorkerConfig } from "../../ipc/mod.ts";
import { defaultMemoryBudget } from "../settings.ts";

const logger = getLogger(["msquicd", "worker"]);

const MEBIBYTE = 2 ** 20;

/** A heap that is smaller is not compared with what V8 lets it become, which takes a module to ask for. */
const SMALL_HEAP = 128 * MEBIBYTE;

/** How much of what there is may be taken before it is time to go, while there is still some to go with. */
const FULL = 7 / 8;

/** How often in a row it has to be so much: what is garbage is given back meanwhile. */
const LOOKS = 4;

/**
 * So much is asked for, and not used, in between: V8 does not look for garbage while nobody wants memory, and
 * takes this for a reason to, in the next moment it has.
 */
const PROBE = 32 * MEBIBYTE;

const SHARE = 1 / 4;
const LEAST = 512 * MEBIBYTE;

/** What a watch of the memory goes by. */
export interface MemoryWatchOptions {
  /** How many bytes the process may have. */
  readonly limitBytes: number;
  /** The handlers of one's own that have had requests under way lately. */
  readonly underWay: () => readonly string[];
  /** Is called once, when little is left; with what to tell people. */
  readonly onFull: (message: string) => void;
  readonly usage?: () => Pick<Deno.MemoryUsage, "rss" | "heapUsed">;
  readonly heapLimit?: () => Promise<number>;
}

/**
 * How much memory a worker may have where nothing is said, in bytes: a quarter of the machine's, and at least
 * 512 MiB, beside what its clients may make it hold.
 */
export function defaultMemoryLimit(budgetBytes: number, machineBytes: number): number {
  return Math.max(Math.floor(machineBytes * SHARE), LEAST) + budgetBytes;
}

/**
 * Has the system bound the worker's memory, where it can, and watches over it.
 *
 * @param limits What the configuration says.
 */
export function boundMemory(
  { memoryLimitBytes, memoryBudgetBytes }: Pick<
    WorkerConfig,
    "memoryLimitBytes" | "memoryBudgetBytes"
  >,
  options: Pick<MemoryWatchOptions, "underWay" | "onFull">,
): MemoryWatch {
  const machineBytes = totalmem();
  const budget = memoryBudgetBytes ?? defaultMemoryBudget(machineBytes);
  const limitBytes = memoryLimitBytes ?? defaultMemoryLimit(budget, machineBytes);
  limitMemory(limitBytes);
  return new MemoryWatch({ ...options, limitBytes });
}

/** Notices that a worker is about to run out of memory, which would end it in the middle of everything. */
export class MemoryWatch {
  readonly #options: MemoryWatchOptions;
  #heapLimit = Infinity;
  #asked = false;
  #looks = 0;

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
  }

  /** To be called by a timer. */
  note(): void {
    const { usage = Deno.memoryUsage, limitBytes, underWay, onFull } = this.#options;
    const { rss, heapUsed } = usage();
    if (heapUsed > SMALL_HEAP && !this.#asked) this.#ask();
    const heapIsFull = heapUsed > FULL * this.#heapLimit;
    if (!heapIsFull && rss <= FULL * limitBytes) return void (this.#looks = 0);
    if (++this.#looks < LOOKS) return wantMemory();
    if (this.#looks > LOOKS) return;
    const what = heapIsFull
      ? `Heap has ${mebibytes(heapUsed)} of the ${mebibytes(this.#heapLimit)} that V8 allows`
      : `Memory is ${mebibytes(rss)} of ${mebibytes(limitBytes)} (memoryLimitBytes)`;
    const handlers = underWay();
    const whose = handlers.length === 0 ? "" : `; requests are under way of ${handlers.join(", ")}`;
    logger.error("{what}: leaving before it is used up{whose}", { what, whose });
    onFull(`${what}${whose}; the worker left before it was used up`);
  }

  #ask(): void {
    this.#asked = true;
    const { heapLimit = heapLimitOfV8 } = this.#options;
    heapLimit().then((bytes) => this.#heapLimit = bytes, () => {});
  }
}

function wantMemory(): void {
  try {
    new ArrayBuffer(PROBE);
  } catch {
    // There is none, and V8 has looked.
  }
}

async function heapLimitOfV8(): Promise<number> {
  const { getHeapStatistics } = await import("node:v8");
  return getHeapStatistics().heap_size_limit;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)} MiB`;
}
