import { parse } from "node:path";

/**
 * Leaves the current directory where it has been removed: neither a process nor a thread can be started from
 * there. What matters to us has absolute paths, and relative ones lead nowhere anyway.
 *
 * @param onLeft Is told of the directory that it goes on in.
 */
export function leaveRemovedDirectory(onLeft: (directory: string) => void): void {
  try {
    Deno.cwd();
  } catch {
    const { root } = parse(Deno.execPath());
    Deno.chdir(root);
    onLeft(root);
  }
}
