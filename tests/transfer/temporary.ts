import { join } from "node:path";
import { openStorageRoot, type StorageRoot } from "../../transfer/mod.ts";
import "../fixtures/loaded_libc.ts";

/** A directory of a test's own, removed with everything in it at the end. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "msquicd-test-" }));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** A storage root in a directory of a test's own. */
export async function temporaryStorage(): Promise<AsyncDisposable & { root: StorageRoot }> {
  const directory = await temporaryDirectory();
  const root = await openStorageRoot(join(directory.path, "storage"));
  return { root, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

/** What a storage has of its own, as {@linkcode tree} tells. */
export const OWN_TREE = [".msquicd", ".msquicd/id", ".msquicd/receipts", ".msquicd/uploads"];

/** Writes a file, and the directories it needs. */
export async function writeFile(path: string, content: string | Uint8Array): Promise<void> {
  await Deno.mkdir(join(path, ".."), { recursive: true });
  if (typeof content === "string") await Deno.writeTextFile(path, content);
  else await Deno.writeFile(path, content);
}

/** Every file and directory below a directory, as sorted relative paths. */
export async function tree(directory: string, base = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    paths.push(base + entry.name);
    if (!entry.isDirectory) continue;
    paths.push(...await tree(join(directory, entry.name), `${base}${entry.name}/`));
  }
  return paths.sort();
}
