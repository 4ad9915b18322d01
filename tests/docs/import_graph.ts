import { join, posix } from "node:path";
import { ROOT } from "./markdown.ts";

/** Which files each file imports, by their paths from the project's folder on. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Of `import … from "./x.ts"`, `export … from "./x.ts"` and `import "./x.ts"`. */
const STATIC = /^(?:import|export)\b(?:[^;"']*?\bfrom)?\s*"(\.[^"]+)"/gm;
/** Of `import("./x.ts")`. */
const LATER = /\bimport\(\s*"(\.[^"]+\.ts)"/g;
/** Of `programModule("folder/x")`, which leads from the project's folder. */
const BY_URL = /\bprogramModule\(\s*"([^"]+)"/g;

/** Reads what files import of the project, at once or later. */
export function importGraph(files: readonly string[]): ImportGraph {
  return new Map(files.map((file) => {
    const text = Deno.readTextFileSync(join(ROOT, file)).replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, "");
    const named = [STATIC, LATER].flatMap((form) =>
      Array.from(text.matchAll(form), ([, path = ""]) => posix.join(posix.dirname(file), path))
    );
    const threads = Array.from(text.matchAll(BY_URL), ([, path]) => `${path}.ts`);
    return [file, [...new Set([...named, ...threads])]];
  }));
}

/**
 * A way that leads back to where it begins, over at least one other node.
 *
 * @returns `undefined` if there is none.
 */
export function circleIn(graph: ImportGraph): string[] | undefined {
  const done = new Set<string>();
  function visit(node: string, way: readonly string[]): string[] | undefined {
    const at = way.indexOf(node);
    if (at >= 0) return [...way.slice(at), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const circle = next === node ? undefined : visit(next, [...way, node]);
      if (circle !== undefined) return circle;
    }
    done.add(node);
    return undefined;
  }
  for (const node of graph.keys()) {
    const circle = visit(node, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
