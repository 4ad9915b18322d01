import { getLogger } from "@logtape/logtape";
import { redact } from "./redaction.ts";

const logger = getLogger(["msquicd", "audit"]);

/** What is written down of a refusal, or of a change. What is not known is left out. */
export interface AuditRecord {
  /** What it was about: a message, a command, or what happened to a session: `file.put`, `token.add`. */
  readonly event: string;
  /** `ok`, or the code of why not. */
  readonly result: string;
  readonly [detail: string]: AuditValue | undefined;
}

/** What a record may have in it. */
export type AuditValue = string | number | boolean | null | readonly string[];

/** Longest text in a record, in UTF-16 code units: a file name may be so long. */
const MAX_TEXT = 1024;

/** What could break a line, or make it look like another one, besides what JSON escapes. */
const ODD = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

let writer: ((text: string) => void) | undefined;

/**
 * Whether records have a place of their own: only there every change of a file is written down, as there may
 * be thousands in a second.
 */
export function hasAuditFile(): boolean {
  return writer !== undefined;
}

/**
 * Writes down a refusal or a change: as a line of JSON where records have a place of their own, otherwise in
 * the log, whatever its level is.
 *
 * @param message What the log says; properties of the record stand in braces.
 */
export function audit(record: AuditRecord, message = "{event}: {result} {facts}"): void {
  if (writer !== undefined) return writer(auditLine(record));
  const { event: _event, result: _result, ...facts } = record;
  logger.info(message, { ...record, facts: JSON.stringify(facts) });
}

/** A record as one line of JSON, with its line break. Nothing that it says can end the line. */
export function auditLine(record: AuditRecord, now: Date = new Date()): string {
  const line = JSON.stringify({ time: now.toISOString(), ...record }, shortened);
  return `${redact(line.replace(ODD, escaped))}\n`;
}

/**
 * Has records go to a place of their own.
 *
 * @param to Takes whole lines, with their line breaks.
 * @returns Disposed of, they go to the log.
 */
export function auditTo(to: (text: string) => void): Disposable {
  writer = to;
  return {
    [Symbol.dispose]() {
      if (writer === to) writer = undefined;
    },
  };
}

/** Writes lines of another process of ours to where this one's go, if they have a place. */
export function passOnAudit(text: string): void {
  writer?.(text);
}

function shortened(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || value.length <= MAX_TEXT) return value;
  return `${value.slice(0, MAX_TEXT)}…`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
