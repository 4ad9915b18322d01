import type { View } from "../../handlers/commands/mod.ts";
import { formatDuration } from "../../base/mod.ts";
import { formatBytes, printable } from "./format.ts";
import { formatTable } from "./table.ts";
import { lineWidth, styled, type Terminal } from "./terminal.ts";

/**
 * What results are shown with on a terminal, or in its place.
 *
 * @param instance Whose manager they are from.
 */
export function viewOf(terminal: Terminal, instance: string): View {
  const width = lineWidth(terminal);
  return {
    instance,
    table: (columns, rows) => formatTable(columns, rows, { lines: terminal.interactive, width }),
    facts: (facts) => fillLines(facts, width),
    styled: (style, text) => styled(terminal, style, text),
    bytes: formatBytes,
    duration: formatDuration,
    printable,
  };
}

/** Facts one after the other, on as many lines as they need. */
function fillLines(facts: readonly string[], width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const fact of facts) {
    const longer = line === "" ? fact : `${line}, ${fact}`;
    if (longer.length < width || line === "") line = longer;
    else {
      lines.push(`${line},`);
      line = fact;
    }
  }
  return [...lines, line].join("\n");
}
