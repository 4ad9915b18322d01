import type { TextSink } from "../../cli/text/output.ts";

/** Keeps what is written to it. */
export interface Collector extends TextSink {
  readonly text: string;
}

/** Makes a {@linkcode Collector}. */
export function collector(): Collector {
  const parts: string[] = [];
  return {
    write: (text) => void parts.push(text),
    get text() {
      return parts.join("");
    },
  };
}
