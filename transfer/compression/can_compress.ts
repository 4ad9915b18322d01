import process from "node:process";

let can: boolean | undefined;

/**
 * Whether this runtime has Zstandard: not all have that are new enough otherwise. It is looked at when it is
 * first asked for, as loading what has it takes some milliseconds.
 */
export function canCompress(): boolean {
  return can ??= process.getBuiltinModule("node:zlib").constants.ZSTD_c_compressionLevel !==
    undefined;
}
