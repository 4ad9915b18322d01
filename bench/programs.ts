/** What is asked of SSH: no questions, and not for long. */
export const SSH_OPTIONS: readonly string[] = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5"];

/** Runs a program to its end. @throws {Error} It is not installed, or fails; with what it says. */
export async function run(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  try {
    const command = new Deno.Command(program, { args: [...args], stdin: "null", signal });
    const { success, stderr } = await command.output();
    if (success) return;
    throw new Error(`${program}: ${new TextDecoder().decode(stderr).trim()}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`${program} is not installed`);
  }
}

/** @throws {Error} There is no SSH to this machine without a password. */
export async function checkSsh(signal: AbortSignal): Promise<void> {
  await run("ssh", [...SSH_OPTIONS, "localhost", "true"], signal);
}

/** How long something takes. */
export async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
