/**
 * The protocol's messages: one definition each, which client and server share.
 *
 * @module
 */
export * from "./hello.ts";
export * from "./ping.ts";
export * from "./echo.ts";
export * from "./goaway.ts";
export * from "./farewell.ts";
export { eventsSubscribe } from "./events_subscribe.ts";
export type { EventsSubscribeRequest, ServerEvent } from "./events_subscribe.ts";
export { filePut } from "./file_put.ts";
export type { FilePutRequest, FilePutResponse } from "./file_put.ts";
export * from "./file_get.ts";
export * from "./file_list.ts";
export * from "./file_stat.ts";
export * from "./file_delete.ts";
export { fileResume } from "./file_resume.ts";
export type { FileResumeRequest, FileResumeResponse } from "./file_resume.ts";
export * from "./file_move.ts";
export * from "./file_mkdir.ts";
export * from "./file_sum.ts";
export { fileQuotas } from "./file_quotas.ts";
export type { FileQuotasResponse, QuotaUse } from "./file_quotas.ts";
export * from "./file_put_stream.ts";
export * from "./file_get_many.ts";
export * from "./file_digests.ts";
export * from "./file_put_striped.ts";
export * from "./file_put_chunks.ts";
export { filePutMany } from "./file_put_many.ts";
export type {
  FilePutManyRequest,
  FilePutManyResponse,
  PackedFailure,
  PackedRename,
} from "./file_put_many.ts";
export * from "./system_info.ts";
export * from "./system_time.ts";
export * from "./system_stats.ts";
export * from "./system_processes.ts";
export * from "./system_disk.ts";
export * from "./system_action_list.ts";
export * from "./system_action_run.ts";
