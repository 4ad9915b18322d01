import { settlesWithin, whenAborted } from "../../base/mod.ts";
import type { ProcessGroup } from "../../ffi/process/process_group.ts";
import { WholeLines } from "./whole_lines.ts";

/** Where a program writes. */
export type OutputStream = "stdout" | "stderr";

/** Why a program was ended, where it did not end by itself. */
export type EndReason = "deadline" | "cancelled" | "leaving";

/** How a program ended. */
export interface ProgramEnd {
  /** Its exit code; missing where a signal ended it, or nothing could. */
  readonly exitCode?: number;
  /** The signal that ended it. */
  readonly signal?: string;
  /** Why it was ended; missing where it ended by itself. */
  readonly ended?: EndReason;
  /** How many bytes it wrote that went nowhere, since they were too many. */
  readonly dropped: number;
}

/** What a run of a program takes. */
export interface ProgramRunOptions {
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How much of its output is passed on, in bytes. */
  readonly maxOutputBytes: number;
  /** End it: whoever wants its output has gone. Each is a controller's own, see {@linkcode whenAborted}. */
  readonly signals: readonly AbortSignal[];
  /** Ends it, faster: this process has to leave. */
  readonly leaving: AbortSignal;
  /**
   * Takes what it writes, whole lines where they are not too long; the program waits until it resolves. What
   * it rejects with is as good as nobody wanting more.
   */
  readonly onOutput: (stream: OutputStream, bytes: Uint8Array) => Promise<void>;
}

/** How much of a line that has not ended waits for its end, in bytes. */
export const MAX_LINE_BYTES: number = 16 * 1024;

/** How long all of it may take to end after SIGTERM, in milliseconds, before SIGKILL. */
export const GRACE_MS = 1000;

/** The same where this process has to leave: it has half a second itself before it is killed. */
const LEAVING_GRACE_MS = 150;

/** How often to look whether all have ended, in milliseconds. */
const LOOK_MS = 10;

/** How long a program may take to be gone after SIGKILL, in milliseconds. */
const STUCK_MS = 5000;

/** How long a pipe is read on that nobody should be able to write to any more, in milliseconds. */
const PIPE_GRACE_MS = 200;

/**
 * Sees a program to its end: passes on what it writes, ends it with all that it has started when its time
 * is over or nobody wants it any more, and what it leaves behind when it has ended by itself.
 */
export async function runToEnd(
  group: ProcessGroup,
  options: ProgramRunOptions,
): Promise<ProgramEnd> {
  using _group = group;
  const { timeoutMs, signals, leaving } = options;
  const { child } = group;
  const gone = new AbortController();
  const pumps = new Pumps(child, options, () => gone.abort());
  const deadline = Promise.withResolvers<void>();
  const timer = setTimeout(deadline.resolve, timeoutMs);
  const over = child.status.then(() => undefined);
  const reason: Promise<EndReason> = Promise.race([
    deadline.promise.then(() => "deadline" as const),
    whenAborted(...signals, gone.signal).then(() => "cancelled" as const),
    whenAborted(leaving).then(() => "leaving" as const),
  ]);
  try {
    let ended = await Promise.race([over, reason]);
    await endGroup(group, () => leaving.aborted, ended !== undefined);
    if (!await settlesWithin(over, STUCK_MS)) {
      // In the kernel, on a disk that does not answer perhaps, where no signal reaches it.
      return { ended: ended ?? "deadline", dropped: pumps.stop() };
    }
    const { code, signal: by } = await child.status;
    // What it has written is read at the pace of whoever takes it.
    ended ??= await Promise.race([pumps.finish(), reason]);
    const dropped = pumps.stop();
    return {
      ...(by === null ? { exitCode: code } : { signal: by }),
      ...(ended === undefined ? {} : { ended }),
      dropped,
    };
  } finally {
    clearTimeout(timer);
    pumps.stop();
  }
}

/**
 * Ends a program and all that it has started.
 *
 * @param whole Whether the program itself still runs; otherwise it is about what it has left behind.
 */
async function endGroup(
  group: ProcessGroup,
  leaving: () => boolean,
  whole: boolean,
): Promise<void> {
  if (whole || group.running) {
    const asked = group.signal("SIGTERM");
    const since = performance.now();
    while (group.running && performance.now() - since < (leaving() ? LEAVING_GRACE_MS : GRACE_MS)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    if (!leaving()) await asked;
  }
  await group.signal("SIGKILL");
}

/** Passes on what a program writes to both of its pipes. */
class Pumps {
  readonly #options: ProgramRunOptions;
  readonly #readers: ReadableStreamDefaultReader<Uint8Array>[] = [];
  readonly #done: Promise<unknown>;
  readonly #onGone: () => void;
  /** Since when each pipe has been waited for; 0 while its reader does something else. */
  readonly #waitingSince = new Map<OutputStream, number>();
  #left: number;
  #dropped = 0;

  constructor(child: Deno.ChildProcess, options: ProgramRunOptions, onGone: () => void) {
    this.#options = options;
    this.#left = options.maxOutputBytes;
    this.#onGone = onGone;
    this.#done = Promise.all([
      this.#pump("stdout", child.stdout),
      this.#pump("stderr", child.stderr),
    ]);
  }

  /**
   * Waits until all that was written has been passed on. A pipe that stays open without a word, since
   * somebody who could not be found has it, is given up.
   */
  async finish(): Promise<undefined> {
    while (!await settlesWithin(this.#done, PIPE_GRACE_MS)) {
      const now = performance.now();
      const waits = Array.from(this.#waitingSince.values(), (since) => now - since);
      if (waits.length > 0 && waits.every((ms) => ms >= PIPE_GRACE_MS)) return;
    }
  }

  /** Reads no more. @returns How many bytes were not passed on. */
  stop(): number {
    for (const reader of this.#readers.splice(0)) void reader.cancel().catch(() => {});
    return this.#dropped;
  }

  async #pump(name: OutputStream, pipe: ReadableStream<Uint8Array>): Promise<void> {
    const reader = pipe.getReader();
    this.#readers.push(reader);
    const lines = new WholeLines(MAX_LINE_BYTES);
    try {
      for (;;) {
        this.#waitingSince.set(name, performance.now());
        const { value, done } = await reader.read();
        this.#waitingSince.delete(name);
        await this.#pass(name, done ? lines.flush() : lines.take(value));
        if (done) return;
      }
    } catch {
      // Who was to have it has gone, or the pipe broke. The program must not wait for a reader.
      this.#onGone();
    } finally {
      this.#waitingSince.delete(name);
    }
  }

  async #pass(name: OutputStream, bytes: Uint8Array): Promise<void> {
    const passed = bytes.subarray(0, this.#left);
    this.#left -= passed.length;
    this.#dropped += bytes.length - passed.length;
    if (passed.length > 0) await this.#options.onOutput(name, passed);
  }
}
