import { delay, settlesWithin } from "../base/mod.ts";

/** Where text ends up: a standard stream, a file. */
export interface QueueTarget {
  /**
   * Writes some of `bytes`.
   *
   * @returns How many; may take as long as it likes.
   */
  write(bytes: Uint8Array): Promise<number>;
}

/** How a {@linkcode TextQueue} treats what it cannot get rid of. */
export interface TextQueueOptions {
  /** How much may wait, in characters; 1 Mi if not given. */
  maxWaiting?: number;
  /** What is written in place of lines that got lost, with its line break. */
  lostNote: (lines: number) => string;
  /** Is told why something could not be written. */
  onFailure?: (error: unknown) => void;
}

const MAX_WAITING = 1024 * 1024;
/** What is handed over at once, in characters. */
const BATCH = 64 * 1024;
/** How soon it is tried again where the system says that nothing can be taken now. */
const RETRY_MS = 20;

const LF = 10;
const encoder = new TextEncoder();

/**
 * Text on its way to something that may be slow, stand still or be full: a pipe that nobody reads, a
 * terminal after Ctrl-S, a disk. Whoever writes never waits and never fails. The writing is done on one
 * of the runtime's threads, one piece at a time; what comes meanwhile waits, up to a bound, and what is
 * beyond that is dropped and counted. Once text flows again, a note says how much is missing.
 */
export class TextQueue {
  readonly #lostNote: (lines: number) => string;
  readonly #onFailure: (error: unknown) => void;
  #maxWaiting: number;
  readonly #target: QueueTarget;
  #heir: QueueTarget | undefined;
  /** Whether the target has failed while there was an heir. */
  #inherited = false;
  #waiting: string[] = [];
  #waitingLength = 0;
  /** Whether something got lost since there was last said so. */
  #dropping = false;
  #lostLines = 0;
  /** Lines that are named by a note on its way. */
  #notedLines = 0;
  /** Whether the last line that was written was cut. */
  #midLine = false;
  #draining: Promise<void> | undefined;
  /** What nobody waits for any more. */
  #givenUp: Promise<void> | undefined;

  constructor(target: QueueTarget, options: TextQueueOptions) {
    this.#target = target;
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
    this.#lostNote = options.lostNote;
    this.#onFailure = options.onFailure ?? (() => {});
  }

  /** How much waits, in characters. */
  get waiting(): number {
    return this.#waitingLength;
  }

  /** How much may wait from now on, in characters. */
  set maxWaiting(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** Takes text. What is counted, if it gets lost, are its line breaks. */
  write(text: string): void {
    if (this.#dropping) {
      if (this.#draining !== undefined) return this.#lose(text);
      // Nothing could be written: this is a new attempt.
      this.#addNote();
    }
    const full = this.#waitingLength > 0 && this.#waitingLength + text.length > this.#maxWaiting;
    if (full) return this.#lose(text);
    this.#add(text);
    this.#draining ??= this.#drain();
  }

  /** Where text goes from when the target fails; what waits by then goes there as well. */
  inherit(heir: QueueTarget | undefined): void {
    this.#heir = heir;
  }

  /**
   * Waits until everything is written. Whoever has waited in vain once does not wait again.
   *
   * @param limitMs How long at most; without one, for as long as it takes.
   * @returns Whether everything is.
   */
  async flush(limitMs?: number): Promise<boolean> {
    if (this.#draining === undefined) return true;
    if (this.#givenUp === this.#draining) return false;
    const written = this.#draining.then(() => true);
    if (limitMs === undefined) return await written;
    const flushed = await settlesWithin(written, limitMs);
    if (!flushed) this.#givenUp = this.#draining;
    return flushed;
  }

  #add(text: string): void {
    this.#waiting.push(text);
    this.#waitingLength += text.length;
  }

  #lose(text: string): void {
    this.#dropping = true;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#lostLines++;
  }

  #addNote(): void {
    this.#dropping = false;
    if (this.#midLine) this.#add("\n");
    if (this.#lostLines === 0) return;
    this.#add(this.#lostNote(this.#lostLines));
    this.#notedLines = this.#lostLines;
    this.#lostLines = 0;
  }

  async #drain(): Promise<void> {
    for (;;) {
      // What had room goes before the note that more had none.
      if (this.#waiting.length === 0 && this.#dropping) this.#addNote();
      if (this.#waiting.length === 0) break;
      const bytes = encoder.encode(this.#nextBatch());
      const written = await this.#writeAll(bytes);
      if (written < bytes.length) {
        this.#giveUp(bytes, written);
        break;
      }
      this.#midLine = false;
      this.#notedLines = 0;
    }
    this.#draining = undefined;
  }

  #nextBatch(): string {
    let length = 0;
    let count = 0;
    while (count < this.#waiting.length && length < BATCH) {
      length += this.#waiting[count++]?.length ?? 0;
    }
    this.#waitingLength -= length;
    return this.#waiting.splice(0, count).join("");
  }

  /** Tells how much could be written. */
  async #writeAll(bytes: Uint8Array): Promise<number> {
    let written = 0;
    while (written < bytes.length) {
      const heir = this.#inherited ? this.#heir : undefined;
      try {
        const count = await (heir ?? this.#target).write(bytes.subarray(written));
        if (count === 0) await later();
        written += count;
      } catch (error) {
        if (isForNow(error)) await later();
        else if (heir === undefined && this.#heir !== undefined) this.#inherited = true;
        else {
          this.#onFailure(error);
          return written;
        }
      }
    }
    return written;
  }

  /** The rest, and what waits behind it, is lost. */
  #giveUp(bytes: Uint8Array, written: number): void {
    this.#dropping = true;
    for (const byte of bytes.subarray(written)) if (byte === LF) this.#lostLines++;
    for (const text of this.#waiting) this.#lose(text);
    if (written > 0) {
      this.#midLine = bytes[written - 1] !== LF;
    } else {
      // The note itself is no line that is missed, nor is the end of the one that was cut.
      if (this.#notedLines > 0) this.#lostLines += this.#notedLines - 1;
      if (this.#midLine) this.#lostLines--;
    }
    this.#notedLines = 0;
    this.#waiting = [];
    this.#waitingLength = 0;
  }
}

/** The stream is set to say so in place of waiting, or is being written to otherwise. */
function isForNow(error: unknown): boolean {
  return error instanceof Deno.errors.WouldBlock || error instanceof Deno.errors.Busy ||
    error instanceof Deno.errors.Interrupted;
}

function later(): Promise<void> {
  return delay(RETRY_MS);
}
