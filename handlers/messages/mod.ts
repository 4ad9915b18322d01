/**
 * What a server does with the messages it gets: one handler each, found by message type.
 *
 * @module
 */
import { echo } from "./echo.ts";
import { eventsSubscribe } from "./events_subscribe.ts";
import { fileDelete } from "./file_delete.ts";
import { fileDigests } from "./file_digests.ts";
import { fileGet } from "./file_get.ts";
import { fileGetMany } from "./file_get_many.ts";
import { fileList } from "./file_list.ts";
import { fileMkdir } from "./file_mkdir.ts";
import { fileMove } from "./file_move.ts";
import { filePut } from "./file_put.ts";
import { filePutChunks } from "./file_put_chunks.ts";
import { filePutMany } from "./file_put_many.ts";
import { filePutStream } from "./file_put_stream.ts";
import { fileQuotas } from "./file_quotas.ts";
import { filePutStriped } from "./file_put_striped.ts";
import { fileResume } from "./file_resume.ts";
import { fileStat } from "./file_stat.ts";
import { fileSum } from "./file_sum.ts";
import type { MessageHandler } from "./handler.ts";
import { ping } from "./ping.ts";

export { defineHandler } from "./handler.ts";
export type {
  Answer,
  ClientIdentity,
  DataAnswer,
  HandlerContext,
  HandlerLogger,
  HandlerOptions,
  IdentityKind,
  MessageHandler,
  SessionInfo,
  Storage,
  SubscribeOptions,
  TransferDetails,
  TransferUnderWay,
} from "./handler.ts";
export type {
  CompletedUpload,
  DefinedHooks,
  DoomedFile,
  FileHooks,
  HookClient,
  HookContext,
  HookedClient,
  Renamed,
  StartedUpload,
  StorageHooks,
} from "./hooks.ts";
export type { HandlerModule, HandlerToolkit } from "./toolkit.ts";
export { actionHandlers } from "./action.ts";
export type { ActionClient, ActionServices } from "./action.ts";
export { systemHandlers, type SystemServices } from "./system.ts";
export { HandlerConflictError, HandlerRegistry } from "./registry.ts";

/** The handlers of the protocol's own messages, but for those about the machine: see `systemHandlers` and `actionHandlers`. */
export function builtinHandlers(): MessageHandler[] {
  const files = [
    filePut,
    filePutMany,
    filePutStream,
    filePutStriped,
    filePutChunks,
    fileResume,
    fileGet,
    fileGetMany,
    fileList,
    fileStat,
    fileSum,
    fileDigests,
    fileQuotas,
  ];
  return [ping, echo, eventsSubscribe, ...files, fileDelete, fileMove, fileMkdir];
}
