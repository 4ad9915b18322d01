import { CompileError } from "./compile_error.ts";
import type { Target } from "./targets.ts";

/**
 * Runs a new executable once, where this system can: one made with a denort of another version than
 * Deno's starts no program.
 *
 * @returns What `--version` printed; `undefined` where it cannot run.
 * @throws {CompileError} If it does not work.
 */
export async function tryOut(target: Target, executable: string): Promise<string | undefined> {
  if (target.os !== Deno.build.os) return undefined;
  const state = await Deno.makeTempDir({ prefix: "msquicd-compile-" });
  try {
    const { success, stdout, stderr } = await new Deno.Command(executable, {
      args: ["--version"],
      env: { MSQUICD_STATE_DIR: state, MSQUIC_PATH: "" },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout).trim();
    if (success && /^MsQuic \d/m.test(text)) return text;
    throw new CompileError(
      `Cannot use ${executable}: --version fails; is denort of version ${Deno.version.deno}? ` +
        `It said: ${text}${new TextDecoder().decode(stderr).trim()}`,
    );
  } finally {
    await Deno.remove(state, { recursive: true });
  }
}
