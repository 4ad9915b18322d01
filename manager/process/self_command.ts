import { fileURLToPath } from "node:url";

/** How to run this very program again. */
export interface SelfCommand {
  readonly path: string;
  /** What comes before the program's own arguments. */
  readonly args: readonly string[];
}

/** The program that runs now: the compiled executable, or Deno with `main.ts`. */
export function selfCommand(): SelfCommand {
  const path = Deno.execPath();
  if (Deno.build.standalone) return { path, args: [] };
  const main = new URL("../../main.ts", import.meta.url);
  const args = ["run", "--quiet", "--allow-all"];
  if (main.protocol !== "file:") return { path, args: [...args, main.href] };
  const config = new URL("../../deno.json", import.meta.url);
  return { path, args: [...args, "--config", fileURLToPath(config), fileURLToPath(main)] };
}
