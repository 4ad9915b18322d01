import { NotPrivateError, StateError } from "./state_errors.ts";

/** Rights of anybody but the owner. */
const OTHERS = 0o077;

/**
 * Checks that `path` is a directory, and that only its owner, who is us, can get at it. On Windows SYSTEM
 * and the administrators, who can get at everything, may be on its access list.
 *
 * @throws {NotPrivateError | StateError} If not; says how to mend it.
 * @throws {Deno.errors.NotFound} If there is nothing.
 */
export async function checkPrivateDirectory(path: string): Promise<void> {
  const info = await Deno.lstat(path);
  if (!info.isDirectory) {
    throw new StateError(
      `Cannot use "${path}": it is ${kindOf(info)}${info.isSymlink ? "" : ", not a directory"}; ` +
        `remove it, or choose another place with MSQUICD_STATE_DIR`,
    );
  }
  await checkOwner(path, info);
}

/**
 * Checks that `path` is a file, and that only its owner, who is us, can get at it. On Windows that is
 * not asked of files: the access list of their directory is handed down to them.
 *
 * @throws {NotPrivateError | StateError} If not; says how to mend it.
 * @throws {Deno.errors.NotFound} If there is nothing.
 */
export async function checkPrivateFile(path: string): Promise<void> {
  const info = await Deno.lstat(path);
  if (!info.isFile) throw new StateError(`Cannot use "${path}": it is ${kindOf(info)}; remove it`);
  if (Deno.build.os !== "windows") await checkOwner(path, info);
}

/** As {@linkcode checkPrivateFile}, where there need not be one. */
export async function checkPrivateIfThere(path: string): Promise<void> {
  try {
    await checkPrivateFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function checkOwner(path: string, { uid, mode }: Deno.FileInfo): Promise<void> {
  if (Deno.build.os === "windows") return await checkAccessList(path);
  if (uid !== Deno.uid()) {
    throw new NotPrivateError(
      `Cannot trust "${path}": it belongs to user ${uid}, not to you; ` +
        `remove it, or choose another place with MSQUICD_STATE_DIR`,
    );
  }
  if (((mode ?? 0) & OTHERS) === 0) return;
  const octal = ((mode ?? 0) & 0o777).toString(8).padStart(4, "0");
  throw new NotPrivateError(
    `Cannot trust "${path}": others can get at it (mode ${octal}); ` +
      `if nobody has, mend it with: chmod go= "${path}"`,
  );
}

async function checkAccessList(path: string): Promise<void> {
  const { strangersTo } = await import("../../ffi/access/private_object_windows.ts");
  const others = strangersTo(path);
  if (others.length === 0) return;
  throw new NotPrivateError(
    `Cannot trust "${path}": others own it or can get at it (${
      others.join(", ")
    }); if nobody has, ` +
      `mend it with: icacls "${path}" /reset && icacls "${path}" /inheritance:r ` +
      `/grant "%USERNAME%:(OI)(CI)F", or choose another place with MSQUICD_STATE_DIR`,
  );
}

function kindOf({ isDirectory, isFile, isSymlink }: Deno.FileInfo): string {
  if (isSymlink) return "a symbolic link, and none is followed here";
  if (isDirectory) return "a directory";
  return isFile ? "a file" : "neither a file nor a directory";
}
