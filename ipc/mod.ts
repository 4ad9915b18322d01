/** What manager and worker say to each other, over shared memory. */
export { actionMark } from "./action_mark.ts";
export type { Channel } from "./channel.ts";
export { configDigest } from "./config_digest.ts";
export type { RequestOptions } from "./conversation.ts";
export { CounterBlock, type Counters, emptyCounters } from "./counters.ts";
export {
  type EventBatch,
  MAX_INTERESTS,
  type RelayedEvent,
  type RelayLoss,
} from "./event_fields.ts";
export { EventOutbox } from "./event_outbox.ts";
export {
  ChannelClosedError,
  DeadlineExceededError,
  MessageTooLargeError,
  PeerReplacedError,
  RequestFailedError,
  SegmentCorruptError,
  TooManyRequestsError,
} from "./errors.ts";
export { ManagerEnd, type ManagerEndOptions } from "./manager_end.ts";
export type { ManagerMessage, Sibling, WorkerMessage } from "./messages.ts";
export type { RequestHandlers } from "./request_server.ts";
export type {
  FamilyMember,
  HandlerStatus,
  HookStatus,
  ManagerRequests,
  SessionSummary,
  TransferSummary,
  WorkerIdentity,
  WorkerRequests,
} from "./requests.ts";
export { Segment, type SegmentOptions } from "./segment.ts";
export { inspectSegment, type SegmentFacts } from "./segment_facts.ts";
export { segmentName } from "./segment_name.ts";
export type { LogLevel, ManagerLoss, RootMark, WorkerConfig } from "./worker_config.ts";
export { WorkerEnd } from "./worker_end.ts";
