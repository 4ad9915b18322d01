/** Native memory and native calls: the only folder in which there are pointers. */
export * from "./msquic/mod.ts";
export { slowCallsReason } from "./slow_calls.ts";
export { TURN_BOUNDS_MS, turnQuantile } from "./event_loop/turn_times.ts";
export * from "./shared_memory.ts";
export * from "./shared_memory_error.ts";
export { ByteSlab } from "./byte_slab.ts";
export { releaseSpareMemory } from "./spare_memory.ts";
export * from "./doorbell.ts";
export * from "./doorbell_error.ts";
export { type DirectoryEntry, readDirectoryEntries } from "./directory_entries_linux.ts";
export { nextTurn } from "./event_loop/next_turn.ts";
export { Descriptor, type InodeInfo, SystemError, type Wanted } from "./descriptor_linux.ts";
export * from "./process.ts";
export { renameNew } from "./rename_new.ts";
export { ignoreNeedlessSignals } from "./ignored_signals.ts";
export * from "./file_lock.ts";
export * from "./file_lock_error.ts";
export { appendStandardErrorTo } from "./standard_error.ts";
export * from "./udp_placeholder.ts";
export * from "./udp_placeholder_error.ts";
export {
  startWindowless,
  type WindowlessOptions,
  type WindowlessProcess,
} from "./windowless_process_windows.ts";
export { ProcessJob } from "./process_job_windows.ts";
export { keepDirectoryPrivate, keepPipePrivate, strangersTo } from "./private_object_windows.ts";
export { type SessionEndWatch, watchSessionEnd } from "./session_end_windows.ts";
