import { findSpellingProblem, FORBIDDEN_CHARACTER } from "./file_name.ts";

/** Bytes that stand for characters: each as `%` and two hexadecimal digits. */
const ENCODED = /(?:%[0-9A-F]{2})+/g;

/** What is encoded wherever it is: characters that names cannot have, and what would look encoded. */
const TO_ENCODE = new RegExp(`${FORBIDDEN_CHARACTER.source}|%(?=[0-9A-F]{2})`, "gu");

const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Spells a name of a file so that every server takes it: `12:30.log` as `12%3A30.log`. What a name cannot have
 * is written as `%` and two hexadecimal digits for each byte of UTF-8, as in a URL, and so is a `%` that would
 * look like the beginning of that. Most names stay what they are. No two become the same, and
 * {@linkcode decodeFileName} finds back what each was.
 *
 * It does not help against `.` and `..`, empty segments, a NUL, text that is no Unicode, and names that are too
 * long, which they may become by this.
 *
 * @param name Segments with `/` between.
 */
export function encodeFileName(name: string): string {
  return name.split("/").map((segment, index) => encodeSegment(segment, index === 0)).join("/");
}

/** Finds back the name that {@linkcode encodeFileName} has spelled so. Of any other, it is the name itself. */
export function decodeFileName(name: string): string {
  return name.split("/").map((segment, index) => decodeSegment(segment, index === 0)).join("/");
}

/**
 * Spells one segment of a name.
 *
 * @param first Whether it is the first one.
 */
export function encodeSegment(segment: string, first: boolean): string {
  if (!isFound(segment) || !segment.isWellFormed()) return segment;
  const isPlain = findSpellingProblem(segment, first) === undefined &&
    decodeSegment(segment, first) === segment;
  return isPlain ? segment : spell(segment, first);
}

/**
 * Finds one segment of a name back.
 *
 * @param first Whether it is the first one.
 */
export function decodeSegment(segment: string, first: boolean): string {
  if (!segment.includes("%")) return segment;
  let decoded: string;
  try {
    decoded = segment.replaceAll(
      ENCODED,
      (bytes) => strict.decode(Uint8Array.fromHex(bytes.replaceAll("%", ""))),
    );
  } catch {
    return segment;
  }
  // Somebody else may have written it, for whom it means something else, or who means ill.
  if (decoded === segment || !isFound(decoded)) return segment;
  return encodeSegment(decoded, first) === segment ? decoded : segment;
}

/** Whether a directory can have something of this name at all. */
function isFound(segment: string): boolean {
  return segment !== "" && segment !== "." && segment !== ".." && !/[\0/]/.test(segment);
}

function spell(segment: string, first: boolean): string {
  const spelled = segment.replaceAll(TO_ENCODE, encoded)
    .replace(/^ /, encoded).replace(/[. ]$/, encoded);
  // What is left is a word that means something, and does no more without its first letter.
  return findSpellingProblem(spelled, first) === undefined
    ? spelled
    : spelled.replace(/^./su, encoded);
}

function encoded(text: string): string {
  const bytes = utf8.encode(text).toHex().toUpperCase();
  return bytes.replaceAll(/../g, "%$&");
}
