/**
 * What every folder may use.
 *
 * @module
 */
export { absolutePath, NoCurrentDirectoryError } from "./absolute_path.ts";
export { concat, copyInto } from "./bytes.ts";
export { CodedError, CodedErrorOf } from "./coded_error.ts";
export { commandLine, DEFAULT_INSTANCE, PROGRAM } from "./command_line.ts";
export { COMPRESSION_MODES, type CompressionMode, DEFAULT_COMPRESSION } from "./compression.ts";
export {
  CONGESTION_CONTROLS,
  type CongestionControl,
  DEFAULT_CONGESTION_CONTROL,
  INITIAL_RTT_MS,
  INITIAL_WINDOW_PACKETS,
} from "./congestion_control.ts";
export {
  COUNTER_NAMES,
  type CounterColumn,
  type CounterDefinition,
  type CounterName,
  COUNTERS,
  SHOWN_COUNTERS,
  type ShownCounter,
} from "./counters.ts";
export { counted } from "./counted.ts";
export { Deadline } from "./deadline.ts";
export { formatDuration } from "./format_duration.ts";
export { inOrder } from "./in_order.ts";
export { isThere } from "./is_there.ts";
export type { ManagerState, WorkerExit, WorkerState } from "./lifecycle.ts";
export {
  checkOptions,
  checkText,
  checkWhole,
  checkWord,
  InvalidOptionError,
  MAX_TIMER_MS,
  type OptionNames,
} from "./options.ts";
export { MemoryBudget } from "./memory_budget.ts";
export { isPort, MAX_PORT } from "./ports.ts";
export { removeIfThere, removeIfThereSync } from "./remove_if_there.ts";
export { isPid, MAX_PID, type ProcessIdentity, sameIdentity } from "./process_identity.ts";
export { systemReason } from "./system_reason.ts";
export { TopicFilter } from "./topic_filter.ts";
export { leaveRemovedDirectory } from "./removed_directory.ts";
export { delay, orAborted, settlesWithin, whenAborted } from "./waiting.ts";
export { isWorker, removeWorkerMark, WORKER_ENVIRONMENT } from "./worker_mark.ts";
