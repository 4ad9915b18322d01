/**
 * The manager: configuration, ports, supervision of the workers, and the control endpoint.
 *
 * @module
 */
export { CertificateError } from "./certificate.ts";
export {
  DEFAULTS,
  InvalidOptionError,
  type ManagerConfig,
  type ManagerFlags,
  mergeFlags,
  resolveConfig,
  type WorkerOverrides,
} from "./config.ts";
export { ConfigNotFoundError, InvalidConfigError } from "./config_errors.ts";
export { CONFIG_FILE, loadConfigFile, type LoadedConfig } from "./config_file.ts";
export {
  callControl,
  type CallOptions,
  ControlError,
  ManagerNotRunningError,
  shutdownManager,
} from "./control_client.ts";
export { SocketPathTooLongError } from "./control_path.ts";
export { DetachedStartError, type DetachOptions, startDetached } from "./detach.ts";
export type { ManagerEvent, WorkerEvent } from "./events.ts";
export type { InstanceInfo } from "./instance_info.ts";
export { InstanceRunningError } from "./instance_lock.ts";
export { InvalidInstanceError, parseInstanceName } from "./instance_name.ts";
export { type KeptWorker, keptWorkers } from "./kept_workers.ts";
export { Manager, type ManagerOptions, NestedManagerError } from "./manager.ts";
export {
  CannotReserveError,
  NoFreePortError,
  NotReservedError,
  PortInUseError,
} from "./port_errors.ts";
export { PortNotAllowedError } from "./port_probe.ts";
export { InvalidPortsError, parsePorts, type PortPlan } from "./ports.ts";
export { type SelfCommand, selfCommand } from "./self_command.ts";
export type { RestartPolicy } from "./restart_policy.ts";
export { NoStateDirectoryError, stateBase, StateDirectory } from "./state_directory.ts";
export { NotPrivateError, StateError } from "./state_errors.ts";
export {
  NoSuchWorkerError,
  RestartError,
  ShuttingDownError,
  SupersededError,
  TooManyWorkersError,
  WorkerExistsError,
} from "./supervision_errors.ts";
export { type WorkerFailure, WorkerStartError } from "./worker_failure.ts";
