import { configureSync, type LogLevel, type LogRecord } from "@logtape/logtape";
import { formatJson, formatPretty, type LogFormat } from "./format.ts";
import { writeLogLine } from "./output.ts";

/** How a process logs. */
export interface LoggingOptions {
  level: LogLevel;
  format: LogFormat;
  /** Tells processes of one kind apart in their lines, a worker's port for example. */
  label?: string;
}

/**
 * Sets up logging for this process: every record of `msquicd` at or above `level` becomes one line
 * on standard error. May be called again to change the options.
 */
export function configureLogging(options: LoggingOptions): void {
  const { label } = options;
  const colors = Deno.stderr.isTerminal() && !Deno.noColor;
  const format = options.format === "json"
    ? (record: LogRecord) => formatJson(record, { label })
    : (record: LogRecord) => formatPretty(record, { colors, label });
  configureSync({
    reset: true,
    sinks: { stderr: (record) => writeLogLine(format(record)) },
    loggers: [
      { category: "msquicd", sinks: ["stderr"], lowestLevel: options.level },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "error" },
    ],
  });
}
