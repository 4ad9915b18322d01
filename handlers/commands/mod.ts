/**
 * Management commands: one file each, registered by name, run inside the manager.
 *
 * @module
 */
export { type Command, type CommandContext, defineCommand, type LeaveOptions } from "./command.ts";
export { config } from "./config.ts";
export { drain } from "./drain.ts";
export {
  checkParameters,
  InvalidParametersError,
  type ParameterKind,
  type ParametersOf,
  type ParameterSpec,
  type ParameterSpecs,
  type WorkerTarget,
} from "./parameters.ts";
export { ports } from "./ports.ts";
export { type PortsResult, type PortState, type PortStatus } from "./port_status.ts";
export { CommandRegistry, createCommandRegistry, UnknownCommandError } from "./registry.ts";
export { releasePort } from "./release_port.ts";
export { reservePort } from "./reserve_port.ts";
export { restart } from "./restart.ts";
export { shutdown, type ShutdownResult } from "./shutdown.ts";
export { spawn } from "./spawn.ts";
export { status } from "./status.ts";
export type { ManagerStatus, WorkerStatus } from "./status_report.ts";
export { stop } from "./stop.ts";
export { holdStorage, openStorageRoot } from "../../transfer/mod.ts";
export { keptUploads, removeUploads } from "./kept_uploads.ts";
export { removeUploadsCommand } from "./remove_uploads.ts";
export { uploads } from "./uploads.ts";
export {
  NoUploadError,
  type RemovedUploadsResult,
  UploadActiveError,
  type UploadSelection,
  type UploadsResult,
  type UploadStatus,
} from "./upload_status.ts";
export { checkDeadline, type WorkersResult } from "./workers_result.ts";
