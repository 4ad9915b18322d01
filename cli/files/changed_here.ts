import { isAbsolute, relative, sep } from "node:path";
import { standingAt } from "./standing.ts";

/** What has become of names in a directory that something has happened to. */
export interface ChangedHere {
  /** A file, or a directory. */
  there: string[];
  gone: string[];
}

/**
 * Which of the names in a directory still have something. What is not copied with a tree is neither there nor
 * gone.
 *
 * @returns `undefined` if that cannot be told of one: what cannot be looked at is not gone for that.
 */
export function sortChanges(directory: string, names: readonly string[]): ChangedHere | undefined {
  const changed: ChangedHere = { there: [], gone: [] };
  try {
    const real = new Set(names.map((name) => withoutLinks(directory, name)));
    for (const name of real) {
      const standing = standingAt(directory, name);
      if (standing === undefined) changed.gone.push(name);
      else if (standing !== "uncopied") changed.there.push(name);
    }
  } catch {
    return undefined; // whoever goes through all of it comes to it again, and says why
  }
  return changed;
}

/**
 * What a name is called without links on the way: the system goes through links as well, and tells what
 * happens in a directory under one of its names only. What leads out of the tree stays as it is.
 */
function withoutLinks(directory: string, name: string): string {
  for (let end = name.indexOf("/"); end >= 0; end = name.indexOf("/", end + 1)) {
    const above = name.slice(0, end);
    const standing = standingAt(directory, above);
    if (standing === "directory") continue;
    const target = standing === "uncopied"
      ? targetInside(directory, `${directory}/${above}`)
      : undefined;
    // What leads to itself is no link, but a pipe, for instance.
    return target === undefined || target === above
      ? name
      : withoutLinks(directory, target === "" ? name.slice(end + 1) : target + name.slice(end));
  }
  return name;
}

/** Where a link leads to, below a directory; `undefined` if that is not in it, or nowhere. */
function targetInside(directory: string, path: string): string | undefined {
  try {
    const target = relative(Deno.realPathSync(directory), Deno.realPathSync(path));
    const isInside = target !== ".." && !target.startsWith(`..${sep}`) && !isAbsolute(target);
    return isInside ? target.replaceAll(sep, "/") : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
