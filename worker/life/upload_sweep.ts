import { getLogger } from "@logtape/logtape";
import {
  holdStorage,
  type KeptLimits,
  removeOldReceipts,
  removeOldUploads,
  type StorageRoot,
  trimKept,
  type TryLock,
  Usage,
} from "../../transfer/mod.ts";

const logger = getLogger(["msquicd", "worker"]);

/** How often to look for what is too old, in milliseconds. */
const SWEEP_MS = 60 * 60_000;

/** What is kept of interrupted uploads where nobody says. */
const LIMITS: KeptLimits = { count: 1000, bytes: 64 * 2 ** 30 };

/** Keeps what is kept of interrupted uploads within bounds. */
export interface UploadSweep extends Disposable, AsyncDisposable {
  /** One more is kept: there may be too many. */
  noteKept(): void;
}

/**
 * Removes what is too old of interrupted uploads and of receipts, now, and every hour until it is disposed
 * of; and what is too much, whenever more is kept. Nothing depends on it, so it only logs what goes wrong.
 */
export function startSweeping(
  storage: StorageRoot,
  tryLock: TryLock,
  limits = LIMITS,
): UploadSweep {
  const trim = oneAtATime(async () => {
    using held = holdStorage(storage);
    const { staging } = held;
    const count = await trimKept(staging, tryLock, limits);
    if (count > 0) {
      logger.info("Removed {count} interrupted uploads: too many were kept", { count });
    }
  });
  const sweep = oneAtATime(async () => {
    using held = holdStorage(storage);
    const { staging, receipts } = held;
    if (held.quotas.any) {
      (await Usage.open(held, undefined, Date.now() - SWEEP_MS))[Symbol.dispose]();
    }
    const count = await removeOldUploads(staging, tryLock);
    if (count > 0) logger.info("Removed uploads that nobody went on with: {count}", { count });
    await removeOldReceipts(receipts);
  });
  sweep.start();
  trim.start();
  const timer = setInterval(sweep.start, SWEEP_MS);
  return {
    noteKept: trim.start,
    [Symbol.dispose]() {
      clearInterval(timer);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all([sweep.settled(), trim.settled()]);
    },
  };
}

/** What is done once more after it was started, however often that was while it was being done. */
interface OneAtATime {
  start(): void;
  /** Resolves when it is not being done. */
  settled(): Promise<void>;
}

function oneAtATime(action: () => Promise<void>): OneAtATime {
  let running = false;
  let last = Promise.resolve();
  let again = false;
  async function run(): Promise<void> {
    running = true;
    do {
      again = false;
      try {
        await action();
      } catch (error) {
        logger.warning("Cannot remove old uploads: {error}", { error });
      }
    } while (again);
    running = false;
  }
  return {
    start() {
      if (running) again = true;
      else last = run();
    },
    settled: () => last,
  };
}
