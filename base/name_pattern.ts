/** What is special in a pattern, and has to be written with a backslash where it is meant itself. */
const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

/** Whether a name on a server is a pattern: `*` and `?` cannot be in one. */
export function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** The text that all names begin with which a pattern matches. */
export function literalPrefix(pattern: string): string {
  return pattern.slice(0, pattern.search(/[*?]|$/));
}

/**
 * What matches whole names: `*` any text without a slash, `?` one character that is none, `**` any text,
 * also none between two slashes.
 */
export function namePattern(pattern: string): RegExp {
  return new RegExp(`^${sourceOf(pattern, false)}$`, "su");
}

/**
 * A pattern as part of a regular expression.
 *
 * @param classes Whether `[a-z]`, `[!a-z]`, and a backslash before what is meant itself, are special as well.
 */
export function sourceOf(pattern: string, classes: boolean): string {
  const token = classes ? /\*\*\/|\*\*|[*?]|\[!?\]?[^\]]*\]|\\.|./gsu : /\*\*\/|\*\*|[*?]|./gsu;
  return (pattern.match(token) ?? []).map((part) => partSource(part, classes)).join("");
}

function partSource(part: string, classes: boolean): string {
  if (part === "**/") return "(?:.*/)?";
  if (part === "**") return ".*";
  if (part === "*") return "[^/]*";
  if (part === "?") return "[^/]";
  if (classes && part.length > 1 && part.startsWith("[")) return classSource(part);
  const text = classes && part.length > 1 && part.startsWith("\\") ? part.slice(1) : part;
  return text.replace(SPECIAL, "\\$&");
}

/** `[!a-z]` as `[^a-z]`; never a slash. */
function classSource(part: string): string {
  const negated = part.startsWith("[!");
  const content = part.slice(negated ? 2 : 1, -1).replace(/[\\[\]^&~|(){}/]/g, "\\$&");
  return `(?!/)[${negated ? "^" : ""}${content}]`;
}
