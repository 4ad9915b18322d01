import { styleText } from "node:util";

/** How text may look on one output stream. */
export interface Terminal {
  /** Whether a person watches: frames, progress. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Columns; 80 where unknown. */
  readonly columns: number;
}

/** What `--color` asks for. */
export type ColorChoice = "auto" | "always" | "never";

type StyleName = "green" | "yellow" | "red" | "bold" | "dim";

/** Looks at a standard stream; `auto` colours a terminal unless NO_COLOR is set. */
export function terminalOf(
  stream: { isTerminal(): boolean },
  color: ColorChoice = "auto",
): Terminal {
  const interactive = stream.isTerminal();
  return {
    interactive,
    color: color === "always" || (color === "auto" && interactive && !Deno.noColor),
    get columns() {
      return interactive ? columnsNow() : 80;
    },
  };
}

function columnsNow(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    // None of the standard streams tells its size.
    return 80;
  }
}

/** `text` in a style where the terminal takes colours, unchanged otherwise. */
export function styled(terminal: Terminal, style: StyleName, text: string): string {
  return terminal.color ? styleText(style, text, { validateStream: false }) : text;
}
