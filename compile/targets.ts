import { libraryFileName } from "../ffi/msquic/locate.ts";
import { CompileError } from "./compile_error.ts";

/** A system that executables are made for. */
export type TargetName = "linux" | "windows";

/** An executable that can be made. */
export interface Target {
  readonly os: TargetName;
  /** How Deno calls the system. */
  readonly triple: string;
  /** Name of the executable's file. */
  readonly executable: string;
  /** Name of libmsquic's file. */
  readonly library: string;
}

/** What can be made. */
export const TARGETS: Readonly<Record<TargetName, Target>> = {
  linux: {
    os: "linux",
    triple: "x86_64-unknown-linux-gnu",
    executable: "msquicd-linux-x64",
    library: libraryFileName("linux"),
  },
  windows: {
    os: "windows",
    triple: "x86_64-pc-windows-msvc",
    executable: "msquicd-windows-x64.exe",
    library: libraryFileName("windows"),
  },
};

/**
 * The target of that name; without one, this machine's.
 *
 * @throws {CompileError} If there is none.
 */
export function targetOf(name: string = Deno.build.os): Target {
  if (Object.hasOwn(TARGETS, name)) return TARGETS[name as TargetName];
  throw new CompileError(
    `Cannot compile for "${name}": --target takes ${Object.keys(TARGETS).join(" or ")}, both x64`,
  );
}
