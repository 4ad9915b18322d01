/**
 * The client: connects to a server and moves files.
 *
 * @module
 */
export { type Address, formatAddress } from "../ffi/mod.ts";
export {
  decodeFileName,
  decodeSegment,
  encodeFileName,
  encodeSegment,
  type FileInfo,
  InvalidNameError,
  isFileName,
  isNameSegment,
  MAX_SEGMENT_LENGTH,
  type OverwritePolicy,
  parseFileName,
  RemoteError,
} from "../protocol/mod.ts";
export { parseAddress, parseServers, type Servers } from "./address.ts";
export { Client, type RemoveOptions } from "./client.ts";
export type { ClientParts, PingOptions, PingResult, Received } from "./message_client.ts";
export type { CallOptions } from "./call.ts";
export { connect } from "./connect.ts";
export type { ConnectOptions, FingerprintSource, Trust } from "./connect_options.ts";
export type { EchoResult } from "./echo.ts";
export {
  AddressError,
  CallTimeoutError,
  ConnectTimeoutError,
  FingerprintError,
  NameResolutionError,
  NoServerError,
  RequestGivenUpError,
  RequestLostError,
  SessionEndedError,
  SourceChangedError,
  UnknownSizeError,
} from "./errors.ts";
export { isInterruption } from "./interruption.ts";
export type { ConnectionNotice, OnConnection } from "./patience.ts";
export type { RequestOptions } from "./exchange.ts";
export type { ListOptions } from "./list.ts";
export type { MoveOptions } from "./move.ts";
export type { GetOptions, GetResult, KeptPart } from "./get_options.ts";
export type { PutOptions, PutResult } from "./put_options.ts";
export type { ManyFile, ManyOutcome, PutManyOptions } from "./put_many.ts";
export type { GetManyOptions, GetManyOutcome, WantedFile } from "./get_many.ts";
export type { GetStreamOptions, TakeBytes } from "./get_stream.ts";
export type { ByteReader, PutStreamOptions } from "./put_stream.ts";
export type { SubscribedEvent, Subscription } from "./subscribe.ts";
export { isPartialName } from "./partial_name.ts";
export { newUploadId } from "./upload_id.ts";
export type { NetworkPath, TransferLimit } from "./transfer_limit.ts";
export { type Verification, VERIFICATIONS } from "./verification.ts";
export type { TransferResult } from "./transfer_result.ts";
export type { ActionResult, RunActionOptions } from "./run_action.ts";
export {
  type ActionArgumentInfo,
  type ActionInfo,
  type DiskInfo,
  type FileSumResponse,
  type ListedDirectories,
  messages,
  type ProcessInfo,
  type QuotaUse,
  type RunningAction,
  type SystemInfoResponse,
  type SystemStatsResponse,
  type SystemTimeResponse,
} from "../protocol/mod.ts";
