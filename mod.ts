/**
 * msquicd as a library: a client, a worker's server, and a manager of workers.
 *
 * @example Store a file and fetch it back
 * ```ts
 * import { connect, Manager, resolveConfig } from "./mod.ts";
 *
 * await using manager = await Manager.start(resolveConfig({ ports: "0", root: "./storage" }));
 * const { host, ports, fingerprint } = manager.info;
 * const token = await manager.state.ensureToken();
 *
 * await using client = await connect({ server: `${host}:${ports[0]}`, token, fingerprint });
 * const { sha256 } = await client.put("photo.jpg");
 * await client.get("photo.jpg", "copy.jpg");
 * for await (const { name, size } of client.list()) console.log(name, size, sha256);
 * ```
 *
 * @module
 */
export { InvalidOptionError, isWorker, NoCurrentDirectoryError } from "./base/mod.ts";
export type { AccessGrant } from "./base/access_grant.ts";
export type { ClientGrant, ClientGrants } from "./base/client_grants.ts";
export type { Scope } from "./base/scopes.ts";
export type { TokenGrant } from "./base/token_grant.ts";
export {
  type Address,
  ConnectError,
  type ConnectErrorCode,
  type ConnectionEnd,
  ConnectionEndedError,
  CredentialError,
  LibraryNotFoundError,
  LibraryVersionError,
  MsQuicError,
  StreamAbortedError,
  UnpackError,
} from "./ffi/mod.ts";
export {
  badField,
  decodeFileName,
  defineMessage,
  encodeFileName,
  type Fields,
  fieldsOf,
  type FileInfo,
  FIRST_CUSTOM_TYPE,
  hasField,
  integerField,
  InvalidDefinitionError,
  InvalidNameError,
  type MessageDefinition,
  type MessageOptions,
  MessageType,
  type NeededRights,
  type OverwritePolicy,
  ProtocolError,
  RemoteError,
  type Right,
  type Schema,
  type SequenceDefinition,
  sizeField,
  textField,
  timeField,
  type WireErrorCode,
  wordField,
} from "./protocol/mod.ts";
export {
  DamagedFileError,
  FileExistsError,
  FileFailedError,
  FileNotFoundError,
  FilePermissionError,
  FileTooLargeError,
  IsADirectoryError,
  NoSpaceError,
  NotADirectoryError,
  NotAFileError,
  NotNewerError,
  openStorageRoot,
  SizeChangedError,
  type StorageRoot,
  SymbolicLinkError,
} from "./transfer/mod.ts";
export * from "./client/mod.ts";
export { UnknownCommandError } from "./handlers/commands/mod.ts";
export {
  type Answer,
  builtinHandlers,
  type ClientIdentity,
  type CompletedUpload,
  type DataAnswer,
  type DefinedHooks,
  defineHandler,
  type DoomedFile,
  type FileHooks,
  HandlerConflictError,
  type HandlerContext,
  type HandlerModule,
  type HandlerOptions,
  HandlerRegistry,
  type HandlerToolkit,
  type HookContext,
  type IdentityKind,
  type MessageHandler,
  type Renamed,
  type SessionInfo,
  type StartedUpload,
} from "./handlers/messages/mod.ts";
export { defineHooks } from "./handlers/messages/hooks.ts";
export {
  defineTask,
  type PoolFigures,
  type RunOptions,
  type TaskContext,
  TaskDeadlineError,
  type TaskDefinition,
  TaskFailedError,
  type TaskFigures,
  type TaskPriority,
  TaskQueueFullError,
  type Tasks,
  TasksClosedError,
  TaskThreadLostError,
  UnknownTaskError,
} from "./tasks/mod.ts";
export {
  type CertificateFiles,
  type RequestFailure,
  runWorker,
  Server,
  type ServerLimits,
  type ServerOptions,
  type SpreadStrategy,
  uploadOwner,
  type WorkerLoad,
} from "./worker/mod.ts";
export {
  InstanceRunningError,
  InvalidInstanceError,
  InvalidPortsError,
  Manager,
  type ManagerConfig,
  type ManagerEvent,
  type ManagerFlags,
  type ManagerOptions,
  NestedManagerError,
  NoStateDirectoryError,
  NotPrivateError,
  PortInUseError,
  resolveConfig,
  StateDirectory,
  StateError,
  WorkerStartError,
} from "./manager/mod.ts";
export { VERSION } from "./version.ts";
