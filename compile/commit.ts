/**
 * The commit that is checked out, as `1a2b3c4d5e6f`, with `-dirty` where files differ from it;
 * "unknown" where this is no checkout or there is no Git.
 *
 * @param directory Folder of the checkout.
 */
export async function currentCommit(directory: string): Promise<string> {
  const commit = await git(directory, "rev-parse", "--short=12", "HEAD");
  if (!commit) return "unknown";
  const changes = await git(directory, "status", "--porcelain");
  return changes === "" ? commit : `${commit}-dirty`;
}

async function git(directory: string, ...args: string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command("git", { args: ["-C", directory, ...args], stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
