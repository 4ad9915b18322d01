import { configureSync, type LogLevel, type LogRecord } from "@logtape/logtape";
import { formatJson, formatPretty, type LogFormat, withoutDate } from "./format.ts";
import { formatLostLines, writeLogLine } from "./output.ts";

/** How a process logs. */
export interface LoggingOptions {
  level: LogLevel;
  format: LogFormat;
  /** Tells processes of one kind apart in their lines, a worker's port for example. */
  label?: string;
  /** Whether a person watches the lines as they come; by default, where standard error is a terminal. */
  watched?: boolean;
}

/** Whether pretty lines carry a date. Who watches them as they come knows it. */
let dates = true;

/**
 * Sets up logging for this process: every record of `msquicd` at or above `level` becomes one line
 * on standard error. May be called again to change the options.
 */
export function configureLogging(options: LoggingOptions): void {
  const { label, watched = Deno.stderr.isTerminal() } = options;
  const colors = watched && !Deno.noColor && Deno.env.get("TERM") !== "dumb";
  dates = !watched;
  const format = options.format === "json"
    ? (record: LogRecord) => formatJson(record, { label })
    : (record: LogRecord) => formatPretty(record, { colors, dates, label });
  configureSync({
    reset: true,
    sinks: { stderr: (record) => writeLogLine(format(record)) },
    loggers: [
      { category: "msquicd", sinks: ["stderr"], lowestLevel: options.level },
      // Who has done what is written down in any case.
      {
        category: ["msquicd", "audit"],
        sinks: ["stderr"],
        parentSinks: "override",
        lowestLevel: "info",
      },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "error" },
    ],
  });
  formatLostLines((count) => format(lostLinesRecord(count)));
}

/** Writes a line of another process of ours to where logs go, as this process would. */
export function passOnLogLine(line: string): void {
  writeLogLine(dates ? line : withoutDate(line));
}

function lostLinesRecord(lost: number): LogRecord {
  const template = "{lost} log lines got lost: they were not taken in time";
  return {
    category: ["msquicd", "log"],
    level: "warning",
    timestamp: Date.now(),
    rawMessage: template,
    message: ["", lost, template.replace("{lost}", "")],
    properties: { lost },
  };
}
