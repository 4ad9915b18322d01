import { buildCProgram } from "../c_program.ts";

/**
 * Builds the odd disk, if it is not up to date.
 *
 * @returns The path of the program.
 * @throws {ProgramBuildError}
 */
export function buildOddDisk(): Promise<string> {
  return buildCProgram({ name: "odd_disk", title: "the odd disk" });
}
