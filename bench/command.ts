import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, BUNDLED_MAIN } from "../compile/bundle.ts";
import { findLibrary } from "../compile/library.ts";
import { targetOf } from "../compile/targets.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

/** What is run: the source, or what {@linkcode runBundled} has made of it. */
let program = { main: join(PROJECT, "main.ts"), env: {} as Record<string, string> };

/**
 * Has commands run from one bundle, as executables have it, from now on: a command of the source loads each of
 * its modules by itself, which takes it 80 ms more, and which nobody has who is given an executable.
 *
 * @throws It cannot be made, for which esbuild is downloaded the first time.
 */
export async function runBundled(): Promise<void> {
  const folder = join(PROJECT, ".build", "bench");
  const target = targetOf();
  await bundle({ target, project: PROJECT, folder });
  // A manager that is no executable starts its workers by these names.
  await Deno.writeTextFile(join(folder, "deno.json"), "{}");
  await Deno.copyFile(join(folder, BUNDLED_MAIN), join(folder, "main.ts"));
  program = { main: join(folder, "main.ts"), env: { MSQUIC_PATH: await findLibrary(target) } };
}

/** An `msquicd` command of this checkout, with a state of its own. */
export function msquicdCommand(
  args: readonly string[],
  { directory, instance }: { directory: string; instance: string },
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", program.main, ...args, "--instance", instance],
    env: { ...program.env, MSQUICD_STATE_DIR: join(directory, "state"), MSQUICD_TOKEN: "" },
    stdin: "null",
    stdout: "piped",
  });
}

/** An instance name that nobody else has. */
export function instanceName(): string {
  return `bench-${crypto.randomUUID().slice(0, 8)}`;
}
