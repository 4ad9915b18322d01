import stringWidth from "string-width";
import { formatDuration } from "../../base/mod.ts";
import { formatBytes, printable } from "../text/format.ts";
import type { TextSink } from "../text/output.ts";
import type { Terminal } from "../text/terminal.ts";

/** How far one transfer is. */
export interface ProgressState {
  name: string;
  /** Which of several it is, such as `2/11`; empty where there is one. */
  place?: string;
  /** Bytes moved so far. */
  bytes: number;
  /** Bytes in all; undefined until it is known. */
  total: number | undefined;
  /** Bytes per second, recent. */
  rate: number;
  /** What that was told to be at most; 0 for as fast as can be. */
  limit?: number;
}

const REDRAW_MS = 100;
const CLEAR_LINE = "\r\x1b[2K";
/** Weight of the newest sample in the smoothed rate. */
const SMOOTHING = 0.2;

/** One line about a transfer, at most `columns - 1` wide so that no terminal wraps it. */
export function formatProgress(state: ProgressState, columns: number): string {
  const { bytes, total, rate } = state;
  const percent = total === undefined
    ? ""
    : `${total === 0 ? 100 : Math.floor(bytes * 100 / total)}%`;
  const amount = total === undefined
    ? formatBytes(bytes)
    : `${formatBytes(bytes)} / ${formatBytes(total)}`;
  const eta = total !== undefined && rate > 0 && bytes < total
    ? `ETA ${formatDuration((total - bytes) * 1000 / rate)}`
    : "";
  const limit = state.limit ? ` (limit ${formatBytes(state.limit)}/s)` : "";
  const speed = `${formatBytes(Math.round(rate))}/s${limit}`;
  const facts = [percent.padStart(4), amount, speed, eta]
    .filter((part) => part.trim() !== "").join("  ");
  const place = state.place ? `${state.place} ` : "";
  const room = columns - 1 - facts.length - 2;
  const name = place + shorten(printable(state.name), Math.min(room, 40) - place.length);
  const bar = total === undefined ? "" : drawBar(bytes, total, room - stringWidth(name) - 2);
  return fit([name, bar, facts].filter((part) => part !== "").join("  "), columns - 1);
}

/** Keeps the end of a name: that is where names of one directory differ. */
function shorten(name: string, room: number): string {
  if (room < 4) return "";
  if (stringWidth(name) <= room) return name;
  const characters = Array.from(name);
  // A character takes up to two columns, so no more than these can stay.
  let kept = characters.slice(-room).join("");
  while (stringWidth(kept) > room - 1) kept = kept.slice(kept.codePointAt(0)! > 0xffff ? 2 : 1);
  return `…${kept}`;
}

/** Cuts the end of a line off where a terminal would wrap it. */
function fit(line: string, columns: number): string {
  let cut = line.slice(0, columns);
  while (stringWidth(cut) > columns) cut = cut.slice(0, -1);
  return cut.toWellFormed();
}

function drawBar(bytes: number, total: number, room: number): string {
  const width = Math.min(room - 2, 30);
  if (width < 5) return "";
  const filled = total === 0 ? width : Math.floor(width * Math.min(1, bytes / total));
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}]`;
}

/** What a progress is shown with. */
export interface ProgressOptions extends Pick<ProgressState, "place"> {
  readonly terminal: Terminal;
  readonly sink: TextSink;
  readonly now?: () => number;
  /** How many bytes in a second there may be; `undefined` or 0 for any number. */
  readonly limit?: number | undefined;
}

/**
 * Progress of one transfer on a terminal's line; does nothing where nobody watches. Disposing it
 * clears the line, whatever happened.
 */
export class Progress implements Disposable {
  readonly #terminal: Terminal;
  readonly #sink: TextSink;
  readonly #now: () => number;
  readonly #state: ProgressState;
  #drawnAt: number;
  #sampledBytes = 0;
  #drawn = false;

  constructor(
    name: string,
    total: number | undefined,
    options: ProgressOptions,
  ) {
    this.#terminal = options.terminal;
    this.#sink = options.sink;
    this.#now = options.now ?? (() => performance.now());
    const { place = "", limit = 0 } = options;
    this.#state = { name, place, bytes: 0, total, rate: 0, limit };
    this.#drawnAt = this.#now();
  }

  /** @param bytes Moved so far, in all. */
  update(bytes: number, total?: number): void {
    this.#state.bytes = bytes;
    if (total !== undefined) this.#state.total = total;
    if (!this.#terminal.interactive) return;
    const now = this.#now();
    const elapsed = now - this.#drawnAt;
    if (elapsed < REDRAW_MS) return;
    const sample = (bytes - this.#sampledBytes) * 1000 / elapsed;
    const { rate } = this.#state;
    this.#state.rate = rate === 0 ? sample : rate + SMOOTHING * (sample - rate);
    this.#drawnAt = now;
    this.#sampledBytes = bytes;
    this.#drawn = true;
    this.#sink.write(CLEAR_LINE + formatProgress(this.#state, this.#terminal.columns));
  }

  [Symbol.dispose](): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    this.#sink.write(CLEAR_LINE);
  }
}
