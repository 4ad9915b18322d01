import { CompileError } from "./compile_error.ts";
import { NpmCache } from "./npm_cache.ts";

/** What `deno info --json` tells of a program, as far as it is needed. */
export interface ModuleGraph {
  readonly modules: readonly { readonly npmPackage?: string }[];
  /** All that `deno.lock` names, by name and version. */
  readonly npmPackages: Readonly<Record<string, NpmPackage>>;
}

/** An npm package. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Keys of the packages that it needs itself. */
  readonly dependencies: readonly string[];
}

/**
 * Folders of the npm packages that the program itself does not use, but its tests or this task:
 * `deno compile` would embed them as well.
 *
 * @param project Folder of the project.
 */
export async function unusedPackageFolders(project: string): Promise<string[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: project,
  }).output();
  if (!success) throw new CompileError("Cannot find out what main.ts imports: deno info failed");
  const cache = await NpmCache.open();
  const unused = unusedPackages(JSON.parse(new TextDecoder().decode(stdout)));
  const folders = await Promise.all(unused.map(({ name, version }) => cache.find(name, version)));
  return folders.filter((folder) => folder !== undefined);
}

/** The packages that no module imports, and none of those that are imported needs. */
export function unusedPackages({ modules, npmPackages }: ModuleGraph): NpmPackage[] {
  const used = new Set(modules.flatMap(({ npmPackage }) => npmPackage ?? []));
  for (const key of used) { // also over what is added on the way
    for (const needed of npmPackages[key]?.dependencies ?? []) used.add(needed);
  }
  return Object.entries(npmPackages).filter(([key]) => !used.has(key)).map(([, found]) => found);
}
