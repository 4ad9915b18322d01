import { checkResult, type Schema } from "../../handlers/commands/mod.ts";
import type { StateDirectory } from "../state/state_directory.ts";
import { callControl, type CallOptions } from "./control_client.ts";

/**
 * Runs a command in the instance's manager, and checks its answer.
 *
 * @throws {UnexpectedResultError} The answer is not what the command's definition says.
 * @throws What {@linkcode callControl} throws.
 */
export async function callCommand<Result>(
  state: StateDirectory,
  command: { readonly name: string; readonly result: Schema<Result> },
  parameters: Readonly<Record<string, unknown>> = {},
  options?: CallOptions,
): Promise<Result> {
  return await checkResult(command, await callControl(state, command.name, parameters, options));
}
