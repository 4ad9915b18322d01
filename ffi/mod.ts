/** Native memory and native calls: the only folder in which there are pointers. */
export * from "./msquic/mod.ts";
export { slowCallsReason } from "./libraries/slow_calls.ts";
export { TURN_BOUNDS_MS, turnQuantile } from "./msquic/events/turn_times.ts";
export * from "./shared_memory/shared_memory.ts";
export {
  SharedMemoryError,
  type SharedMemoryErrorCode,
} from "./shared_memory/shared_memory_error.ts";
export { ByteSlab } from "./memory/byte_slab.ts";
export { releaseSpareMemory } from "./memory/spare_memory.ts";
export * from "./doorbell/doorbell.ts";
export * from "./doorbell/doorbell_error.ts";
export { type DirectoryEntry, readDirectoryEntries } from "./files/directory_entries_linux.ts";
export { nextTurn } from "./msquic/events/next_turn.ts";
export { readSmallFile } from "./files/small_file_linux.ts";
export { statPath } from "./files/statx_linux.ts";
export { Descriptor, type InodeInfo, type Wanted } from "./files/descriptor_linux.ts";
export { SystemError } from "./files/system_error.ts";
export * from "./process/process.ts";
export { limitMemory, MEMORY_LIMITED, withoutMemoryLimit } from "./process/memory_limit.ts";
export { type Allocated, allocateFile } from "./files/allocate_file.ts";
export { type DiskSpace, diskSpace, isInMemory } from "./files/disk_space.ts";
export { renameNew } from "./files/rename_new.ts";
export { ignoreNeedlessSignals } from "./process/ignored_signals.ts";
export * from "./file_lock/file_lock.ts";
export * from "./file_lock/file_lock_error.ts";
export { appendStandardErrorTo } from "./files/standard_error.ts";
export * from "./port/udp_placeholder.ts";
export * from "./port/udp_placeholder_error.ts";
