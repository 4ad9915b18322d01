import { CodedError, CodedErrorOf } from "../base/mod.ts";

/** What the other process left in the shared segment makes no sense: the segment is of no more use. */
export class SegmentCorruptError extends CodedError {
  readonly code = "segment-corrupt";
}

/** A message is larger than its way of being sent can carry. */
export class MessageTooLargeError extends CodedError {
  readonly code = "message-too-large";

  constructor(length: number, limit: number) {
    super(`Cannot send a message of ${length} bytes: ${limit} are the most`);
  }
}

/** This end was disposed before a message was sent, or while it waited for room or for its answer. */
export class ChannelClosedError extends CodedError {
  readonly code = "channel-closed";

  constructor() {
    super("Cannot talk to the other process: this end of the segment is closed");
  }
}

/** The other process was replaced by another one before it has got a message, or answered a request. */
export class PeerReplacedError extends CodedError {
  readonly code = "peer-replaced";

  constructor() {
    super("Cannot talk to the other process: another one has taken its place");
  }
}

/**
 * The other process has answered a request with an error, of a code of its own; `unknown-request` when it
 * does not know the request.
 */
export class RequestFailedError extends CodedErrorOf<string> {}

/** A request was not answered in time. */
export class DeadlineExceededError extends CodedError {
  readonly code = "deadline-exceeded";

  constructor(request: string, deadlineMs: number) {
    super(`Request "${request}" was not answered within ${deadlineMs} ms`);
  }
}

/** More requests wait for their answers than a process can reasonably have asked. */
export class TooManyRequestsError extends CodedError {
  readonly code = "too-many-requests";

  constructor(limit: number) {
    super(`Cannot ask the other process: ${limit} requests wait for their answers already`);
  }
}
