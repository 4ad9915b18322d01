import type { LogRecord } from "@logtape/logtape";
import { inspect, stripVTControlCharacters, styleText } from "node:util";
import { InvalidLogOptionError } from "./errors.ts";

/** `pretty` is for people, `json` is one JSON object per line. */
export type LogFormat = "pretty" | "json";

/**
 * Reads a log format.
 *
 * @throws {InvalidLogOptionError} If it is neither `pretty` nor `json`.
 */
export function parseLogFormat(text: string): LogFormat {
  if (text === "pretty" || text === "json") return text;
  throw new InvalidLogOptionError(`Cannot use log format "${text}": choose pretty or json`);
}

const LEVELS = {
  trace: { name: "TRACE", style: "gray" },
  debug: { name: "DEBUG", style: "cyan" },
  info: { name: "INFO ", style: "green" },
  warning: { name: "WARN ", style: "yellow" },
  error: { name: "ERROR", style: "red" },
  fatal: { name: "FATAL", style: "magenta" },
} as const;

/** Date, time, level, part, message. */
export function formatPretty(
  record: LogRecord,
  options: { colors: boolean; dates: boolean; label?: string | undefined },
): string {
  const { name, style } = LEVELS[record.level];
  const date = new Date(record.timestamp);
  const time = options.dates ? `${dayOf(date)} ${timeOfDay(date)}` : timeOfDay(date);
  const part = partOf(record, options.label);
  const text = oneLine(messageOf(record));
  if (!options.colors) return `${time} ${name} ${part}: ${text}`;
  // The caller has looked at the stream and at NO_COLOR already.
  const dim = styleText("dim", time, { validateStream: false });
  const level = styleText(style, name, { validateStream: false });
  return `${dim} ${level} ${part}: ${text}`;
}

/** `{"time","level","part","pid","message"}` and the record's own properties. */
export function formatJson(record: LogRecord, options: { label?: string | undefined }): string {
  const fixed = {
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    part: partOf(record, options.label),
    pid: Deno.pid,
    message: messageOf(record),
  };
  try {
    return JSON.stringify({ ...fixed, ...record.properties, ...fixed }, toJson);
  } catch {
    // A property that refers to itself.
    return JSON.stringify(fixed);
  }
}

function partOf(record: LogRecord, label: string | undefined): string {
  const part = record.category.slice(1).join(".") || record.category.join(".");
  return label === undefined ? part : `${part}[${label}]`;
}

function messageOf(record: LogRecord): string {
  return record.message.map((piece) => typeof piece === "string" ? piece : describe(piece)).join(
    "",
  );
}

function describe(value: unknown): string {
  if (value instanceof Error) return value.message || value.name;
  return inspect(value, { breakLength: Infinity, depth: 3 });
}

/** Text from elsewhere (a file name, a peer) must not be able to fake lines or move the cursor. */
function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, escapeControl);
}

function escapeControl(character: string): string {
  if (character === "\n") return "\\n";
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (!(value instanceof Error)) return value;
  const code = "code" in value ? { code: value.code } : {};
  return { name: value.name, ...code, message: value.message, stack: value.stack };
}

/** A pretty line without its date; any other line as it is. */
export function withoutDate(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\d (?=\d\d:\d\d:\d\d\.\d{3} )/, "");
}

function dayOf(date: Date): string {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function timeOfDay(date: Date): string {
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.` +
    pad(date.getMilliseconds(), 3);
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
