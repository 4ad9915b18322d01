import { join } from "node:path";
import { ROOT } from "../docs/markdown.ts";
import type { FloodTarget } from "./floods.ts";

/**
 * Floods a server from another process, until it is disposed of.
 *
 * @param wrapper A command that starts it, with its arguments.
 */
export function flood(
  name: string,
  target: FloodTarget,
  wrapper: readonly string[] = [],
): AsyncDisposable {
  const program = join(ROOT, "tests/floods/flood_process.ts");
  const run = ["run", "-A", "--no-check", "--unstable-net", program];
  const [file = "", ...args] = [...wrapper, Deno.execPath(), ...run, name, JSON.stringify(target)];
  const child = new Deno.Command(file, { args, stdin: "piped" }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await child.status;
    },
  };
}
