import { styleText } from "node:util";
import type { TextSink } from "./output.ts";

/** How text may look on one output stream. */
export interface Terminal {
  /** Whether a person watches, on something that can move its cursor: frames, progress. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Columns; 80 where unknown. */
  readonly columns: number;
  /** Whether it is a terminal that knows no escape sequences. */
  readonly dumb?: boolean;
}

/** A terminal, and what draws on it. */
export interface DrawnTerminal extends Terminal {
  readonly sink: TextSink;
}

/** What `--color` asks for. */
export type ColorChoice = "auto" | "always" | "never";

type StyleName = "green" | "yellow" | "red" | "bold" | "dim";

const USUAL_COLUMNS = 80;

/** Whether the terminal, if there is one, knows no escape sequences. */
export function isDumb(): boolean {
  return Deno.env.get("TERM") === "dumb";
}

/** Looks at a standard stream; `auto` colours a terminal unless it is a dumb one or NO_COLOR is set. */
export function terminalOf(
  stream: { isTerminal(): boolean },
  color: ColorChoice = "auto",
): Terminal {
  const terminal = stream.isTerminal();
  const interactive = terminal && !isDumb();
  return {
    interactive,
    dumb: terminal && !interactive,
    color: color === "always" || (color === "auto" && interactive && !Deno.noColor),
    get columns() {
      return terminal ? columnsNow() : USUAL_COLUMNS;
    },
  };
}

/** How long lines may be: as wide as the terminal is, and of any length where there is none. */
export function lineWidth(terminal: Terminal): number {
  return terminal.interactive || terminal.dumb ? terminal.columns : Infinity;
}

/** The same terminal, drawn on through another sink. */
export function withSink(terminal: Terminal, sink: TextSink): DrawnTerminal {
  const { interactive, color, dumb = false } = terminal;
  return {
    interactive,
    color,
    dumb,
    sink,
    get columns() {
      return terminal.columns;
    },
  };
}

function columnsNow(): number {
  try {
    return Deno.consoleSize().columns || USUAL_COLUMNS;
  } catch {
    // None of the standard streams tells its size.
    return USUAL_COLUMNS;
  }
}

/** `text` in a style where the terminal takes colours, unchanged otherwise. */
export function styled(terminal: Terminal, style: StyleName, text: string): string {
  return terminal.color ? styleText(style, text, { validateStream: false }) : text;
}
