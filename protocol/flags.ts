/** Bits of a frame's flags byte. A frame with any other bit is refused. */
export const Flags = {
  /** The message answers a request. */
  response: 1,
  /** The answer is an error: its body is `{code, message}`. Only together with `response`. */
  error: 2,
  /** Raw bytes follow the body. Never together with `error`. */
  data: 4,
} as const;
