import { fileURLToPath } from "node:url";
import { programFile } from "../../program_files.ts";

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
  const main = programFile("main.ts");
  const args = ["run", "--quiet", "--allow-all"];
  if (main.protocol !== "file:") return { path, args: [...args, main.href] };
  const config = fileURLToPath(programFile("deno.json"));
  return { path, args: [...args, "--config", config, fileURLToPath(main)] };
}
