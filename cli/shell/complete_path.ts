import { basename, dirname } from "node:path";

/** Local paths that begin with `partial`; directories end in a slash. */
export async function completePath(partial: string): Promise<string[]> {
  const inside = partial === "" || partial.endsWith("/");
  const directory = inside ? partial || "." : dirname(partial);
  const start = inside ? "" : basename(partial);
  const typed = partial.slice(0, partial.length - start.length);
  try {
    const entries = await Array.fromAsync(Deno.readDir(directory));
    return entries
      .filter(({ name }) => name.startsWith(start) && !/[\s"']/.test(name))
      .filter(({ name }) => start.startsWith(".") || !name.startsWith("."))
      .map((entry) => `${typed}${entry.name}${entry.isDirectory ? "/" : ""}`)
      .sort();
  } catch {
    // A directory that cannot be read has no completions.
    return [];
  }
}
