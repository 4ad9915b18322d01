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
export { InvalidOptionError, isWorker } from "./base/mod.ts";
export {
  type Address,
  ConnectError,
  type ConnectErrorCode,
  type ConnectionEnd,
  ConnectionEndedError,
  CredentialError,
  LibraryNotFoundError,
  LibraryVersionError,
  StreamAbortedError,
} from "./ffi/mod.ts";
export {
  type FileInfo,
  FIRST_CUSTOM_TYPE,
  InvalidNameError,
  MessageType,
  type OverwritePolicy,
  ProtocolError,
  RemoteError,
  type WireErrorCode,
} from "./protocol/mod.ts";
export {
  FileExistsError,
  FileNotFoundError,
  FileTooLargeError,
  IsADirectoryError,
  NoSpaceError,
  NotADirectoryError,
  NotAFileError,
  NotNewerError,
  openStorageRoot,
  type StorageRoot,
  SymbolicLinkError,
} from "./transfer/mod.ts";
export * from "./client/mod.ts";
export { builtinHandlers, HandlerRegistry, type MessageHandler } from "./handlers/messages/mod.ts";
export {
  type RequestFailure,
  runWorker,
  Server,
  type ServerOptions,
  uploadOwner,
} from "./worker/mod.ts";
export {
  Manager,
  type ManagerConfig,
  type ManagerEvent,
  type ManagerFlags,
  type ManagerOptions,
  resolveConfig,
  StateDirectory,
} from "./manager/mod.ts";
export { VERSION } from "./version.ts";
