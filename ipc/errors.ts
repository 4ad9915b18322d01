/** What the other process left in the shared segment makes no sense: the segment is of no more use. */
export class SegmentCorruptError extends Error {
  override readonly name = "SegmentCorruptError";
  readonly code = "segment-corrupt";
}

/** A message is larger than its way of being sent can carry. */
export class MessageTooLargeError extends Error {
  override readonly name = "MessageTooLargeError";
  readonly code = "message-too-large";

  constructor(length: number, limit: number) {
    super(`Cannot send a message of ${length} bytes: ${limit} are the most`);
  }
}

/** This end was disposed before a message was sent, or while it waited for room or for its answer. */
export class ChannelClosedError extends Error {
  override readonly name = "ChannelClosedError";
  readonly code = "channel-closed";

  constructor() {
    super("Cannot talk to the other process: this end of the segment is closed");
  }
}

/** The other process was replaced by another one before it has got a message, or answered a request. */
export class PeerReplacedError extends Error {
  override readonly name = "PeerReplacedError";
  readonly code = "peer-replaced";

  constructor() {
    super("Cannot talk to the other process: another one has taken its place");
  }
}

/** The other process has answered a request with an error. */
export class RequestFailedError extends Error {
  override readonly name = "RequestFailedError";
  /** In one word, as the other process says it; `unknown-request` when it does not know the request. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A request was not answered in time. */
export class DeadlineExceededError extends Error {
  override readonly name = "DeadlineExceededError";
  readonly code = "deadline-exceeded";

  constructor(request: string, deadlineMs: number) {
    super(`Request "${request}" was not answered within ${deadlineMs} ms`);
  }
}

/** More requests wait for their answers than a process can reasonably have asked. */
export class TooManyRequestsError extends Error {
  override readonly name = "TooManyRequestsError";
  readonly code = "too-many-requests";

  constructor(limit: number) {
    super(`Cannot ask the other process: ${limit} requests wait for their answers already`);
  }
}
