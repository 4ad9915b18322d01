import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCProgram, type CProgram, crateDirectory } from "../c_program.ts";

const PROJECT = fileURLToPath(new URL("../Cargo.toml", import.meta.url));

const LIMIT: CProgram = {
  name: "limit",
  title: "the limit program",
  libraries: ["-ldl", "-lm"],
  otherFiles: [fileURLToPath(new URL("../Cargo.lock", import.meta.url))],
  // Those that libmsquic is built from.
  headerDirectory: async () => join(await crateDirectory(LIMIT, PROJECT, "msquic"), "src", "inc"),
};

/**
 * Builds the limit program, if it is not up to date, against the headers of the `msquic` crate.
 *
 * @returns The path of the program.
 * @throws {ProgramBuildError}
 */
export function buildLimit(): Promise<string> {
  return buildCProgram(LIMIT);
}
