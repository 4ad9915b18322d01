import { InvalidNameError } from "./errors.ts";
import { MAX_NAME_LENGTH, MAX_SEGMENT_LENGTH, MAX_SEGMENTS } from "./limits.ts";

/** Directory in the storage root that is the server's own. */
export const PRIVATE_DIRECTORY = ".msquicd";

/** What Windows cannot have in a file name, and what would not be one on other systems. */
export const FORBIDDEN_CHARACTER = /[\p{Cc}<>:"|?*\\]/u;

/**
 * Names that Windows takes for devices, in every directory and with every extension.
 *
 * @source https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
const DEVICE = /^(?:CON|PRN|AUX|NUL|(?:COM|LPT)[0-9¹²³]|CONIN\$|CONOUT\$)$/;

/** The short names under which Windows may know {@linkcode PRIVATE_DIRECTORY} as well. */
const PRIVATE_SHORT_NAME = /^MS(?:QUIC|[0-9A-F]{4})~[0-9]$/;

/** What a file is called while it is on its way to the place beside it. */
const TEMPORARY_NAME = /^\.msquicd-[0-9a-f-]{36}\.part$/i;

const utf8 = new TextEncoder();

/**
 * Takes a file name apart, and refuses what is not one on every system.
 *
 * A name is relative, with `/` between its segments. It can neither leave the directory it is resolved
 * in, nor mean anything but a plain file there, on Linux as on Windows.
 *
 * @returns Its segments: at least one.
 * @throws {InvalidNameError}
 */
export function parseFileName(name: string): string[] {
  const problem = findProblem(name);
  if (problem !== undefined) throw invalidName(name, problem);
  return name.split("/");
}

/**
 * Takes the name of a file apart that is to be stored. It may not be deeper than {@linkcode MAX_SEGMENTS},
 * which names that were stored otherwise may: each level costs whoever lists them a look at a directory.
 *
 * @returns Its segments: at least one.
 * @throws {InvalidNameError}
 */
export function parseNewFileName(name: string): string[] {
  const segments = parseFileName(name);
  if (segments.length <= MAX_SEGMENTS) return segments;
  throw invalidName(name, { text: `it has more than ${MAX_SEGMENTS} segments` });
}

/** Whether {@linkcode parseFileName} accepts a name. */
export function isFileName(name: string): boolean {
  return findProblem(name) === undefined;
}

/**
 * Whether a text can be a segment of a name.
 *
 * @param first Whether it would be the first one.
 */
export function isNameSegment(segment: string, first: boolean): boolean {
  return segment.isWellFormed() && findFormProblem(segment) === undefined &&
    findSpellingProblem(segment, first) === undefined;
}

/** Why a name is none. */
interface Problem {
  text: string;
  /** Whether it is no more when the name is encoded. */
  encodable?: boolean;
}

function invalidName(name: string, { text, encodable = false }: Problem): InvalidNameError {
  const shown = JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
  return new InvalidNameError(`Cannot use ${shown} as a file name: ${text}`, encodable);
}

function findProblem(name: string): Problem | undefined {
  if (name === "") return { text: "it is empty" };
  if (!name.isWellFormed()) return { text: "it is not valid Unicode" };
  if (isLonger(name, MAX_NAME_LENGTH)) {
    return { text: `it has more than ${MAX_NAME_LENGTH} bytes` };
  }
  if (/[^/]\/$/.test(name)) {
    return { text: "it ends with a slash, as directories do; name a file in it" };
  }
  const segments = name.split("/");
  let spelling: string | undefined;
  for (const [index, segment] of segments.entries()) {
    const text = findFormProblem(segment);
    if (text !== undefined) return { text };
    spelling ??= findSpellingProblem(segment, index === 0);
  }
  return spelling === undefined ? undefined : { text: spelling, encodable: true };
}

/** What no other spelling of a segment helps against. */
function findFormProblem(segment: string): string | undefined {
  if (segment === "") return "it has an empty segment; no slash may lead, trail or be doubled";
  if (segment === "." || segment === "..") return `it has the segment "${segment}"`;
  if (isLonger(segment, MAX_SEGMENT_LENGTH)) {
    return `a segment has more than ${MAX_SEGMENT_LENGTH} bytes`;
  }
}

/**
 * What is wrong with the characters of a segment, or with the word that they make.
 *
 * @param first Whether it is the first one of a name.
 */
export function findSpellingProblem(segment: string, first: boolean): string | undefined {
  const forbidden = FORBIDDEN_CHARACTER.exec(segment)?.[0];
  if (forbidden !== undefined) return `it has the character ${JSON.stringify(forbidden)}`;
  if (segment.startsWith(" ")) return "a segment starts with a space";
  if (/[. ]$/.test(segment)) return "a segment ends with a dot or a space";
  if (isDevice(segment)) return `"${segment}" is the name of a device on Windows`;
  if (TEMPORARY_NAME.test(segment)) return `"${segment}" is a temporary file of msquicd's`;
  if (first && isPrivate(segment)) return `"${PRIVATE_DIRECTORY}" is the server's own`;
}

function isDevice(segment: string): boolean {
  const [stem = ""] = segment.split(".", 1);
  return DEVICE.test(stem.trimEnd().toUpperCase());
}

function isPrivate(segment: string): boolean {
  const upper = segment.toUpperCase();
  return upper === PRIVATE_DIRECTORY.toUpperCase() || PRIVATE_SHORT_NAME.test(upper);
}

/** Whether a text has more bytes than so many; a UTF-16 code unit is one to three bytes of UTF-8. */
function isLonger(text: string, bytes: number): boolean {
  if (text.length * 3 <= bytes) return false;
  return text.length > bytes || utf8.encode(text).length > bytes;
}
