import { buildCProgram } from "../c_program.ts";

/**
 * Builds the bad network, if it is not up to date.
 *
 * @returns The path of the program.
 * @throws {ProgramBuildError}
 */
export function buildNetwork(): Promise<string> {
  return buildCProgram({ name: "network", title: "the bad network" });
}
