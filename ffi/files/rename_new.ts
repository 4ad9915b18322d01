import { errno, libc } from "../libraries/libc.ts";
import { systemErrorName } from "../libraries/system_error_name.ts";

const AT_FDCWD = -100;
const RENAME_NOREPLACE = 1;
/** EINVAL, ENOSYS, EOPNOTSUPP; and EPERM, of a sandbox that does not know the call. */
const UNSUPPORTED = new Set([22, 38, 95, 1]);
const EEXIST = 17;

const utf8 = new TextEncoder();

/**
 * Gives a file a name that nobody has, in one step.
 *
 * @returns `exists`: somebody has it. `unsupported`: the system, or this file system, has no such step.
 * @throws {Deno.errors.NotFound} There is no such file, or no such directory.
 */
export function renameNew(from: string, to: string): "done" | "exists" | "unsupported" {
  if (Deno.build.os !== "linux") return "unsupported";
  const { renameat2 } = libc;
  if (renameat2 === null) return "unsupported";
  const [fromPath, toPath] = [utf8.encode(`${from}\0`), utf8.encode(`${to}\0`)];
  if (renameat2(AT_FDCWD, fromPath, AT_FDCWD, toPath, RENAME_NOREPLACE) === 0) return "done";
  const code = errno();
  if (code === EEXIST) return "exists";
  if (UNSUPPORTED.has(code)) return "unsupported";
  const name = systemErrorName(code);
  const message = `Cannot rename "${from}" to "${to}" (os error ${code}): ${name}`;
  if (name === "ENOENT") throw new Deno.errors.NotFound(message);
  throw Object.assign(new Error(message), { code: name });
}
