/**
 * The manager: configuration, ports, supervision of the workers, and the control endpoint.
 *
 * @module
 */
export { CertificateError } from "./state/certificate_error.ts";
export {
  InvalidOptionError,
  type ManagerConfig,
  type ManagerFlags,
  mergeFlags,
  resolveConfig,
  type WorkerOverrides,
} from "./config/config.ts";
export { ConfigNotFoundError, InvalidConfigError } from "./config/config_errors.ts";
export { BASE_PORT, KEYS } from "./config/keys.ts";
export { CONFIG_FILE, loadConfigFile, type LoadedConfig } from "./config/config_file.ts";
export {
  callControl,
  type CallOptions,
  ControlError,
  ManagerNotRunningError,
  shutdownManager,
} from "./control/control_client.ts";
export { SocketPathTooLongError } from "./control/control_path.ts";
export { DetachedStartError, type DetachOptions, startDetached } from "./background/detach.ts";
export type { ManagerEvent, WorkerEvent } from "./supervision/events.ts";
export type { InstanceInfo } from "./state/instance_info.ts";
export { InstanceRunningError } from "./state/instance_lock.ts";
export { InvalidInstanceError, parseInstanceName } from "./state/instance_name.ts";
export { type KeptWorker, keptWorkers } from "./takeover/kept_workers.ts";
export { Manager, type ManagerOptions, NestedManagerError } from "./manager.ts";
export {
  CannotReserveError,
  NoFreePortError,
  NotReservedError,
  PortInUseError,
} from "./ports/port_errors.ts";
export { PortNotAllowedError } from "./ports/port_probe.ts";
export { InvalidPortsError, parsePorts, type PortPlan } from "./config/port_plan.ts";
export { type SelfCommand, selfCommand } from "./process/self_command.ts";
export type { RestartPolicy } from "./config/restart_policy.ts";
export { NoStateDirectoryError, stateBase, StateDirectory } from "./state/state_directory.ts";
export { NotPrivateError, StateError } from "./state/state_errors.ts";
export {
  NoSuchWorkerError,
  NoWorkerProcessError,
  RestartError,
  ShuttingDownError,
  SupersededError,
  TooManyWorkersError,
  WorkerExistsError,
} from "./supervision/supervision_errors.ts";
export { type WorkerFailure, WorkerStartError } from "./supervision/worker_failure.ts";
