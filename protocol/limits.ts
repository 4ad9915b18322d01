/** The application protocol that client and server agree on in the TLS handshake (RFC 7301). */
export const ALPN = "msquicd/1";

/** Version in the first byte of every frame. */
export const PROTOCOL_VERSION = 1;

/** Length of a frame header, in bytes. */
export const HEADER_LENGTH = 8;

/** Longest message body, in bytes. */
export const MAX_BODY_LENGTH = 262_144;

/** Longest body of a message before the connection is authenticated, in bytes. */
export const MAX_GREETING_LENGTH = 8192;

/** Deepest nesting of maps and arrays in a body; the body's own map is level 1. */
export const MAX_BODY_DEPTH = 32;

/** Most streams that a client may have opened besides hello's before hello is answered. */
export const MAX_EARLY_STREAMS = 8;

/** Most bytes that it may have sent on all of them together by then. */
export const MAX_EARLY_BYTES = 65_536;

/** Longest topic of an event, in characters. */
export const MAX_TOPIC_LENGTH = 128;

/** Most topics of one subscription. */
export const MAX_TOPICS = 100;

/** Longest body of an event that a handler publishes, in bytes. */
export const MAX_EVENT_LENGTH = 16_384;

/** Most values in a body: every map, array, key and scalar counts. */
export const MAX_BODY_VALUES = 65_536;

/** Length of the SHA-256 that follows the raw bytes of a transfer, in bytes. */
export const TRAILER_LENGTH = 32;

/** Length of what comes before each piece of a file whose size is not told, in bytes. */
export const PIECE_HEADER_LENGTH = 4;

/** Longest access token, in UTF-16 code units. */
export const MAX_TOKEN_LENGTH = 1024;

/** Longest name of a program that says hello, in UTF-16 code units. */
export const MAX_AGENT_LENGTH = 256;

/** Longest file name, in bytes of UTF-8. */
export const MAX_NAME_LENGTH = 1024;

/** Longest segment of a file name, in bytes of UTF-8. */
export const MAX_SEGMENT_LENGTH = 255;

/** Most segments of the name of a file that is stored. */
export const MAX_SEGMENTS = 100;

/** Most entries that can be asked for in one answer to `file.list`; not asked for, there may be more. */
export const MAX_LIST_ENTRIES = 1000;

/** Longest text that a server's operator has for a client, in UTF-16 code units. */
export const MAX_NOTE_LENGTH = 200;

/** Most ports that a server names in a message. */
export const MAX_PORTS = 1000;

/** Largest file that goes with others on one stream, in bytes. */
export const MAX_PACKED_SIZE = 65_536;

/** Most files that one answer of `file.put_many` tells of. */
export const MAX_PACKED_ANSWER = 4096;

/** Most failures that it tells of. */
export const MAX_PACKED_FAILURES = 32;

/** Most files that are asked for with one `file.get_many`. */
export const MAX_PACKED_NAMES = 4096;

/** Length of what is told of a chunk: its number in four bytes, and a SHA-256. */
export const CHUNK_RECORD_LENGTH = 36;

/** Length of what comes before the bytes of a chunk: its number, where they begin, and how many they are. */
export const CHUNK_HEADER_LENGTH = 12;

/** In place of a chunk's number: no more follow. */
export const NO_MORE_CHUNKS = 0xffff_ffff;
