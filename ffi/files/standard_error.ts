import { libc } from "../libraries/libc.ts";

const STDERR = 2;

const O_WRONLY = 0o1;
const O_CREAT = 0o100;
const O_APPEND = 0o2000;
const O_NOFOLLOW = Deno.build.arch === "aarch64" ? 0o100000 : 0o400000;
const O_CLOEXEC = 0o2000000;
const FLAGS = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
const OWNER_ONLY = 0o600;

/**
 * Has standard error of this process appended to a file from now on: also what the runtime and native code
 * write there, of a crash for example. On Linux; elsewhere nothing is done.
 *
 * @returns Whether it is.
 */
export function appendStandardErrorTo(path: string): boolean {
  if (Deno.build.os !== "linux") return false;
  const { open, dup2, close } = libc;
  const fd = open(new TextEncoder().encode(`${path}\0`), FLAGS, OWNER_ONLY);
  if (fd < 0) return false;
  const done = dup2(fd, STDERR) === STDERR;
  close(fd);
  return done;
}
