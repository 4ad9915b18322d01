import { sourceOf } from "../../base/name_pattern.ts";
import { UsageError } from "../errors.ts";

/** What of a tree is meant. */
export interface NameFilter {
  /**
   * Whether something is meant, provided that the directories above it are.
   *
   * @param path Below the top of the tree, with slashes between.
   */
  takes(path: string, directory: boolean): boolean;
  /** Whether a file is meant, the directories above it considered. */
  takesBelow(path: string, directory: boolean): boolean;
}

/** A pattern, and what it looks at. */
interface Rule {
  expression: RegExp;
  directoriesOnly: boolean;
}

/**
 * Leaves out of trees what matches one of the patterns `exclude`, and none of `include`. They are those of
 * rsync: `*`, `?`, `[a-z]` and `**`; a slash in front means the top of the tree, one at the end directories
 * only; what is excluded as a directory is so with all that is in it.
 *
 * @throws {UsageError} A pattern is one that nothing can match, as it was meant otherwise.
 */
export function nameFilter(
  exclude: readonly string[] = [],
  include: readonly string[] = [],
): NameFilter {
  const excluded = exclude.map(ruleOf);
  const included = include.map(ruleOf);
  const takes = (path: string, directory: boolean) =>
    !matches(excluded, path, directory) || matches(included, path, directory);
  if (excluded.length === 0) return { takes: () => true, takesBelow: () => true };
  // Names come in order: mostly, the directory is that of the name before.
  let last = { directory: "", taken: true };
  function takesDirectory(path: string): boolean {
    if (path === "") return true;
    if (last.directory === path) return last.taken;
    const taken = takesDirectory(path.slice(0, Math.max(0, path.lastIndexOf("/")))) &&
      takes(path, true);
    last = { directory: path, taken };
    return taken;
  }
  return {
    takes,
    takesBelow: (path, directory) =>
      takesDirectory(path.slice(0, Math.max(0, path.lastIndexOf("/")))) && takes(path, directory),
  };
}

function ruleOf(pattern: string): Rule {
  const directoriesOnly = pattern.endsWith("/");
  const body = pattern.replace(/^\//, "").replace(/\/$/, "");
  refuseFutile(pattern, body);
  const anchored = pattern.startsWith("/") ? "" : "(?:.*/)?";
  return { expression: new RegExp(`^${anchored}${sourceOf(body, true)}$`, "su"), directoriesOnly };
}

/** What can match nothing keeps nothing out: with `--delete`, what it was to keep would be removed. */
function refuseFutile(pattern: string, body: string): void {
  const refuse = (why: string) => {
    throw new UsageError(`Cannot use "${pattern}" as a pattern: ${why}`);
  };
  const futile = body.split("/").find((segment) => ["", ".", ".."].includes(segment));
  if (futile === "") refuse("it has an empty segment, and no name has one");
  if (futile !== undefined) {
    refuse(`no name has the segment "${futile}"; what is at the top is written "/NAME"`);
  }
  if (/\[[^\]]*\[:[a-z]+:\]/.test(pattern)) {
    refuse("classes like [:digit:] are not known; write [0-9]");
  }
}

function matches(rules: readonly Rule[], path: string, directory: boolean): boolean {
  return rules.some(({ expression, directoriesOnly }) =>
    (directory || !directoriesOnly) && expression.test(path)
  );
}
