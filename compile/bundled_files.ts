import { isAbsolute, join, posix, relative, resolve } from "node:path";

/** What {@linkcode finishBundle} is told. */
export interface BundleFolders {
  /** Folder of the bundle. */
  readonly folder: string;
  /** Folder of the project. */
  readonly project: string;
  /** Folders with npm packages, by name and version. */
  readonly registries: readonly string[];
}

/** Of a source map, what matters here. */
export interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: unknown;
}

/** How esbuild decides what the default export of a CommonJS module is. */
const DEFAULT_OF_COMMONJS = "isNodeMode || !mod || !mod.__esModule ?";
/** How Deno lets CommonJS modules have what is built in. */
const REQUIRE =
  /^import \{ createRequire as (\w+) \} from "node:module";\n(var __require = )\1\(import\.meta\.url\);$/m;

/**
 * Corrects the files that `deno bundle` wrote: they call a source by its path in the project, or
 * `npm/NAME/VERSION/…`, in place of where it is on this machine; and CommonJS modules mean what they mean
 * without a bundle. The sources, which the source maps repeat, are left out.
 */
export async function finishBundle(folders: BundleFolders): Promise<void> {
  for (const name of filesIn(folders.folder, "")) {
    const path = join(folders.folder, name);
    const text = await Deno.readTextFile(path);
    const finished = name.endsWith(".map")
      ? JSON.stringify(finishedMap(JSON.parse(text), name, folders))
      : finishedCode(text, folders);
    await Deno.writeTextFile(path, finished);
  }
}

/**
 * A source map with such names, and without the sources.
 *
 * @param name Path of the map in the bundle, which its sources' paths lead from.
 */
export function finishedMap(map: SourceMap, name: string, folders: BundleFolders): SourceMap {
  const { sourcesContent: _, ...kept } = map;
  const at = posix.dirname(name);
  const sources = map.sources.map((source) =>
    posix.relative(at, sourceName(resolve(folders.folder, at, source), folders))
  );
  return { ...kept, sources };
}

/**
 * Code with such names, which it has in comments, by their paths from the project's folder on.
 *
 * To a module that imports it, all that a CommonJS module exports is its default export. In bundles of older
 * versions of Deno that is undefined where the exports say `__esModule`, as those of `tslib` do, which
 * `@peculiar/x509` needs; newer ones do the same as this (denoland/deno#34533).
 *
 * `node:module` takes the runtime 10 ms to get ready, at each start, and is not needed for what is built in,
 * which is all that is not in the bundle.
 */
export function finishedCode(code: string, { project, registries }: BundleFolders): string {
  const corrected = code
    .replace(DEFAULT_OF_COMMONJS, "1 ?")
    .replace(REQUIRE, "\n$2(name) => process.getBuiltinModule(name);");
  return registries.reduce(
    (text, registry) => text.replaceAll(`${slashes(relative(project, registry))}/`, "npm/"),
    corrected,
  );
}

function sourceName(path: string, { project, registries }: BundleFolders): string {
  const registry = registries.find((folder) => isInside(path, folder));
  if (registry !== undefined) return `npm/${slashes(relative(registry, path))}`;
  return slashes(relative(project, path));
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith("..") && !isAbsolute(way);
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}

function filesIn(folder: string, below: string): string[] {
  return Array.from(Deno.readDirSync(join(folder, below))).flatMap(({ name, isDirectory }) => {
    const path = posix.join(below, name);
    return isDirectory ? filesIn(folder, path) : [path];
  });
}
