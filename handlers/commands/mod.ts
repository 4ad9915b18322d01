/**
 * Management commands: one file each, which has all there is to say of it, registered by name, run
 * inside the manager. Making their definitions known loads nothing else: every command line does.
 *
 * @module
 */
export {
  type Command,
  type CommandContext,
  type CommandGroup,
  defineCommand,
  type LeaveOptions,
  type Right,
  type WorkerQuestion,
} from "./command.ts";
export { cancel } from "./cancel.ts";
export { config } from "./config.ts";
export { drain } from "./drain.ts";
export { kick } from "./kick.ts";
export { limitRate } from "./limit_rate.ts";
export { MANAGEMENT_COMMANDS } from "./list.ts";
export {
  type Ask,
  checkParameters,
  InvalidParametersError,
  type ParameterKind,
  type ParametersOf,
  type ParameterSpec,
  type ParameterSpecs,
  type WorkerTarget,
} from "./parameters.ts";
export { ports } from "./ports.ts";
export type { HandlersResult, HandlerStatus, HookStatus } from "./handler_status.ts";
export { type PortsResult, type PortState, type PortStatus } from "./port_status.ts";
export type { RatesResult, RateStatus } from "./rate_status.ts";
export { CommandRegistry, createCommandRegistry, UnknownCommandError } from "./registry.ts";
export { releasePort } from "./release_port.ts";
export { removeUploadsCommand } from "./remove_uploads.ts";
export { reservePort } from "./reserve_port.ts";
export { restart } from "./restart.ts";
export {
  checkResult,
  loadChecker,
  type Schema,
  schemaOf,
  UnexpectedResultError,
} from "./schema.ts";
export { send, type SendResult } from "./send.ts";
export {
  AmbiguousIdError,
  type KickResult,
  NoSessionError,
  type SessionsResult,
  type SessionStatus,
} from "./session_status.ts";
export { sessions } from "./sessions.ts";
export { shutdown, type ShutdownResult } from "./shutdown.ts";
export { spawn } from "./spawn.ts";
export { status } from "./status.ts";
export type { CertificateStatus, ManagerStatus, WorkerStatus } from "./status_report.ts";
export { stop } from "./stop.ts";
export { addToken } from "./token_add.ts";
export { revokeToken } from "./token_revoke.ts";
export { tokenQuota } from "./token_quota.ts";
export { rotateToken } from "./token_rotate.ts";
export type {
  NewTokenResult,
  RevokedToken,
  TokensResult,
  TokenStatus,
  TokenWish,
} from "./token_status.ts";
export { tokens } from "./tokens.ts";
export {
  type CancelResult,
  NoTransferError,
  TransferDoneError,
  type TransfersResult,
  type TransferStatus,
} from "./transfer_status.ts";
export { transfers } from "./transfers.ts";
export {
  NoUploadError,
  UploadActiveError,
  type UploadSelection,
  type UploadsResult,
  type UploadStatus,
} from "./upload_status.ts";
export { uploads } from "./uploads.ts";
export type { Column, Style, View } from "./view.ts";
export { showSummaries, type WorkerSummary } from "./worker_table.ts";
export type { WorkersResult } from "./workers_result.ts";
