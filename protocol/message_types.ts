/** Message types of this protocol. Those from {@linkcode FIRST_CUSTOM_TYPE} up are free for one's own. */
export const MessageType = {
  hello: 1,
  ping: 2,
  echo: 3,
  /** The only one that a server sends unasked. */
  goaway: 4,
  filePut: 16,
  fileGet: 17,
  fileList: 18,
  fileStat: 19,
  fileDelete: 20,
  fileResume: 21,
} as const;

/** One of the message types of {@linkcode MessageType}. */
export type MessageType = typeof MessageType[keyof typeof MessageType];

/** The lowest message type that this protocol never gives a meaning to. */
export const FIRST_CUSTOM_TYPE = 0x8000;
