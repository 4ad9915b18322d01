import { join } from "node:path";

/** Finds npm packages in Deno's cache. */
export class NpmCache {
  /** Folders with the packages of a registry each. */
  readonly registries: readonly string[];

  private constructor(registries: readonly string[]) {
    this.registries = registries;
  }

  /** That of the Deno that runs this. */
  static async open(): Promise<NpmCache> {
    const command = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] });
    const { npmCache }: { npmCache: string } = JSON.parse(
      new TextDecoder().decode((await command.output()).stdout),
    );
    return new NpmCache(Array.from(Deno.readDirSync(npmCache), ({ name }) => join(npmCache, name)));
  }

  /** Folder of a package; `undefined` if it was never downloaded. */
  async find(name: string, version: string): Promise<string | undefined> {
    for (const registry of this.registries) {
      const path = join(registry, name, version);
      if ((await Deno.stat(path).catch(() => undefined))?.isDirectory) return path;
    }
    return undefined;
  }
}
