/**
 * Management commands: one file each, registered by name, run inside the manager.
 *
 * @module
 */
export { type Command, type CommandContext, defineCommand } from "./command.ts";
export {
  checkParameters,
  InvalidParametersError,
  type ParameterKind,
  type ParametersOf,
  type ParameterSpec,
  type ParameterSpecs,
} from "./parameters.ts";
export { CommandRegistry, createCommandRegistry, UnknownCommandError } from "./registry.ts";
export { shutdown, type ShutdownResult } from "./shutdown.ts";
export { status } from "./status.ts";
export type { ManagerState, ManagerStatus, WorkerState, WorkerStatus } from "./status_report.ts";
