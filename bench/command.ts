import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** An `msquicd` command of this checkout, with a state of its own. */
export function msquicdCommand(
  args: readonly string[],
  { directory, instance }: { directory: string; instance: string },
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", MAIN, ...args, "--instance", instance],
    env: { MSQUICD_STATE_DIR: join(directory, "state"), MSQUICD_TOKEN: "" },
    stdin: "null",
    stdout: "piped",
  });
}

/** An instance name that nobody else has. */
export function instanceName(): string {
  return `bench-${crypto.randomUUID().slice(0, 8)}`;
}
