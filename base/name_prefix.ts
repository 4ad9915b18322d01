/** Longest prefix, in UTF-16 code units. */
const MAX_PREFIX = 512;

/** What no name of a stored file has, on any system. */
const FORBIDDEN = /[\p{Cc}<>:"|?*\\]/u;

/** How a prefix is written, for people. */
export const PREFIX_FORM = "the name of a directory, like photos or backup/laptop";

/**
 * Whether a text names a directory that somebody can be confined to, in the way that stored files are named.
 * Names are compared with it as they are: what is written otherwise is no way out, as it is not below it.
 */
export function isPrefix(text: unknown): text is string {
  if (typeof text !== "string" || text.length > MAX_PREFIX || !text.isWellFormed()) return false;
  const segments = text.split("/");
  return segments[0]?.toLowerCase() !== ".msquicd" && segments.every(isSegment);
}

/** Whether a name is below a directory. */
export function isBelow(name: string, prefix: string): boolean {
  return name.length > prefix.length + 1 && name.startsWith(prefix) && name[prefix.length] === "/";
}

function isSegment(segment: string): boolean {
  return segment !== "" && !/^ |[. ]$/.test(segment) && !FORBIDDEN.test(segment);
}
