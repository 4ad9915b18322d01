import { isAbsolute } from "node:path";
import { locateLibrary } from "../ffi/msquic/locate.ts";
import { main as ensureLibrary } from "../native/ensure.ts";
import { systemOfBinary } from "./binary_format.ts";
import { CompileError } from "./compile_error.ts";
import type { Target, TargetName } from "./targets.ts";

/** The libmsquic that was named: by `--msquic`, or for Windows by `MSQUIC_DLL`. */
export function namedLibrary(target: Target, flag: string | undefined): string | undefined {
  return flag || (target.os === "windows" ? Deno.env.get("MSQUIC_DLL") : undefined) || undefined;
}

/**
 * Finds the libmsquic to embed where none was named: the one that msquicd itself would use. It is built
 * if there is none.
 *
 * @throws {CompileError} If there is none, or if the target is another system than this.
 */
export async function findLibrary(target: Target): Promise<string> {
  if (target.os !== Deno.build.os) {
    throw new CompileError(
      `Cannot make ${target.executable} without a ${target.library}; name it with ${
        HOW[target.os]
      }`,
    );
  }
  if (await ensureLibrary() !== 0) {
    throw new CompileError(`Cannot make ${target.executable} without a ${target.library}`);
  }
  const { path } = locateLibrary();
  if (isAbsolute(path)) return path;
  throw new CompileError(
    `Cannot embed the system's ${path}, since it is not known where it is; name it with --msquic FILE`,
  );
}

const HOW: Readonly<Record<TargetName, string>> = {
  linux: "--msquic FILE; deno task native builds it on a Linux machine",
  windows: "--msquic FILE or MSQUIC_DLL; Microsoft's is in the NuGet package " +
    "Microsoft.Native.Quic.MsQuic.OpenSSL, as build/native/bin/x64/msquic.dll",
};

/**
 * Reads a libmsquic that is to be embedded.
 *
 * @throws {CompileError} If it is none for that system.
 */
export async function readLibrary(target: Target, path: string): Promise<Uint8Array> {
  const bytes = await readFile(path);
  if (systemOfBinary(bytes) !== target.os) {
    throw new CompileError(`Cannot embed ${path}: it is no library for ${target.os} on x64`);
  }
  if (!new TextDecoder("latin1").decode(bytes).includes("MsQuicOpenVersion")) {
    throw new CompileError(`Cannot embed ${path}: it is not MsQuic`);
  }
  return bytes;
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CompileError(`Cannot embed ${path}: ${reason}`);
  }
}
