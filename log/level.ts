import { isLogLevel, type LogLevel } from "@logtape/logtape";
import { InvalidLogOptionError } from "./errors.ts";

export type { LogLevel };

/**
 * Reads a log level: `trace`, `debug`, `info`, `warning` (or `warn`), `error`, `fatal`, in any case.
 *
 * @throws {InvalidLogOptionError} If it is none of them.
 */
export function parseLogLevel(text: string): LogLevel {
  const name = text.trim().toLowerCase();
  const level = name === "warn" ? "warning" : name;
  if (isLogLevel(level)) return level;
  throw new InvalidLogOptionError(
    `Cannot use log level "${text}": choose trace, debug, info, warning, error or fatal`,
  );
}
