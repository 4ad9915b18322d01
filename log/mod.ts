/**
 * Where log records go: one line each on standard error, never on standard output.
 *
 * @module
 */
export {
  audit,
  auditLine,
  type AuditRecord,
  auditTo,
  type AuditValue,
  hasAuditFile,
  passOnAudit,
} from "./audit.ts";
export { auditToFile } from "./audit_file.ts";
export { configureLogging, type LoggingOptions, passOnLogLine } from "./configure.ts";
export { type LogFormat, parseLogFormat } from "./format.ts";
export { LineLimit, type LineLimitOptions } from "./line_limit.ts";
export { type LogLevel, parseLogLevel } from "./level.ts";
export { InvalidLogOptionError } from "./errors.ts";
export {
  flushStandardError,
  type LineWriter,
  lostLinesNote,
  redirectLogs,
  writeLogLine,
  writeToStandardError,
} from "./output.ts";
export { logToFile, logToFileWithoutReader } from "./log_file.ts";
export { LogIsLinkError } from "./rotating_file.ts";
export { hideInLogs } from "./redaction.ts";
export { type QueueTarget, TextQueue, type TextQueueOptions } from "./text_queue.ts";
export { trapUncaughtErrors } from "./uncaught_errors.ts";
