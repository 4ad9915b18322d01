import { systemOfBinary } from "./binary_format.ts";
import { CompileError } from "./compile_error.ts";
import type { Target } from "./targets.ts";

/** Enough of a file to tell what it is. */
const HEAD_BYTES = 4096;

/**
 * Checks the runtime that `DENORT_BIN` names, if it is set: `deno compile` takes whatever it is given.
 *
 * @throws {CompileError} If it is none for the target.
 */
export async function checkDenort(target: Target, path: string | undefined): Promise<void> {
  if (!path) return;
  if (systemOfBinary(await readHead(path)) === target.os) return;
  throw new CompileError(
    `Cannot use ${path}, which DENORT_BIN names: it is no program for ${target.triple}`,
  );
}

/** What can be done where `deno compile` cannot download the runtime that it puts into executables. */
export function denortAdvice(target: Target): string {
  const version = Deno.version.deno;
  return `If denort could not be downloaded, get it by other means, of exactly this version, and set ` +
    `DENORT_BIN to it: https://dl.deno.land/release/v${version}/denort-${target.triple}.zip`;
}

async function readHead(path: string): Promise<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const head = new Uint8Array(HEAD_BYTES);
    return head.subarray(0, await file.read(head) ?? 0);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CompileError(`Cannot use ${path}, which DENORT_BIN names: ${reason}`);
  }
}
