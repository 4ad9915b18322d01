/** What the other process left in the shared segment makes no sense: the segment is of no more use. */
export class SegmentCorruptError extends Error {
  override readonly name = "SegmentCorruptError";
  readonly code = "segment-corrupt";
}

/** A message is larger than the ring that should carry it. */
export class MessageTooLargeError extends Error {
  override readonly name = "MessageTooLargeError";
  readonly code = "message-too-large";

  constructor(length: number, limit: number) {
    super(`Cannot send a message of ${length} bytes: the ring takes ${limit} at most`);
  }
}

/** A message was sent, or was still waiting for room, when this end was disposed. */
export class ChannelClosedError extends Error {
  override readonly name = "ChannelClosedError";
  readonly code = "channel-closed";

  constructor() {
    super("Cannot send a message: this end of the segment is closed");
  }
}
