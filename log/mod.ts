/**
 * Where log records go: one line each on standard error, never on standard output.
 *
 * @module
 */
export { configureLogging, type LoggingOptions } from "./configure.ts";
export { type LogFormat, parseLogFormat } from "./format.ts";
export { LineLimit, type LineLimitOptions } from "./line_limit.ts";
export { type LogLevel, parseLogLevel } from "./level.ts";
export { InvalidLogOptionError } from "./errors.ts";
export { type LineWriter, redirectLogs, writeLogLine } from "./output.ts";
export { hideInLogs } from "./redaction.ts";
export { trapUncaughtErrors } from "./uncaught_errors.ts";
