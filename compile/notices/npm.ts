import { join } from "node:path";
import { NpmCache } from "../npm_cache.ts";
import type { Component } from "./component.ts";

const LICENSE_FILE = /^(?:licen[cs]e|copying|copyright)/i;

/**
 * The npm packages in a `deno.lock`, as they lie in Deno's cache.
 *
 * @param lock Text of the lock file.
 */
export async function npmComponents(lock: string): Promise<Component[]> {
  const cache = await NpmCache.open();
  return await Promise.all(
    lockedPackages(lock).map(async ({ name, version }) => {
      const directory = await cache.find(name, version);
      if (directory === undefined) {
        throw new Error(`Cannot find ${name} ${version} in Deno's cache; run: deno install`);
      }
      const { license }: { license?: string } = JSON.parse(
        await Deno.readTextFile(join(directory, "package.json")),
      );
      const names = Array.from(Deno.readDirSync(directory), ({ name }) => name)
        .filter((name) => LICENSE_FILE.test(name)).sort();
      const texts = await Promise.all(
        names.map((name) => Deno.readTextFile(join(directory, name))),
      );
      return {
        name: `${name} ${version}`,
        license: license ?? "not stated",
        text: texts.map((text) => text.trim()).join("\n\n"),
      };
    }),
  );
}

/** The npm packages that a lock file names, sorted. */
export function lockedPackages(lock: string): { name: string; version: string }[] {
  const { npm = {} }: { npm?: Record<string, unknown> } = JSON.parse(lock);
  return Object.keys(npm).sort().map((key) => {
    // What follows an underscore are the versions of peer dependencies.
    const [, name = "", version = ""] = /^(.+?)@([^@_]+)(?:_.*)?$/.exec(key) ?? [];
    return { name, version };
  });
}
