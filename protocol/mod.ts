/**
 * What client and server say to each other over a QUIC stream; `docs/protocol.md` describes it.
 *
 * @module
 */
export type {
  ActionArgumentInfo,
  ActionArguments,
  ActionInfo,
  ActionOutcome,
  ActionOutput,
} from "./action_bodies.ts";
export { encodeAnswer, encodeErrorAnswer } from "./answers.ts";
export { ApplicationError } from "./application_errors.ts";
export {
  areGrantable,
  GRANTABLE_RIGHTS,
  type MessageDefinition,
  type NeededRights,
  type NoticeDefinition,
  type Right,
  rightsOf,
  type SequenceDefinition,
} from "./definition.ts";
export {
  BLOCK_HEADER_LENGTH,
  type BlockHeader,
  type Compression,
  COMPRESSIONS,
  decodeBlockHeader,
  encodeBlockHeader,
  MAX_BLOCK_LENGTH,
  type WantedCompression,
} from "./blocks.ts";
export { defineMessage, InvalidDefinitionError, type MessageOptions } from "./define_message.ts";
export type { ByteSource, ReadOptions } from "./byte_source.ts";
export {
  type ErrorBody,
  InvalidNameError,
  ProtocolError,
  RemoteError,
  wireErrorOf,
} from "./errors.ts";
export {
  badField,
  type Fields,
  fieldsOf,
  hasField,
  integerField,
  isUploadId,
  sha256Field,
  sizeField,
  textField,
  timeField,
  uploadIdField,
  wordField,
} from "./fields.ts";
export {
  type FileInfo,
  type FileNameBody,
  type FileVersion,
  type ListedDirectories,
  MAX_MODE,
  OVERWRITE_POLICIES,
  type OverwritePolicy,
} from "./file_bodies.ts";
export {
  isFileName,
  isNameSegment,
  parseFileName,
  parseNewFileName,
  PRIVATE_DIRECTORY,
} from "./file_name.ts";
export { decodeFileName, decodeSegment, encodeFileName, encodeSegment } from "./name_encoding.ts";
export { Flags } from "./flags.ts";
export {
  ALPN,
  CHUNK_HEADER_LENGTH,
  CHUNK_RECORD_LENGTH,
  HEADER_LENGTH,
  MAX_AGENT_LENGTH,
  MAX_BODY_DEPTH,
  MAX_BODY_LENGTH,
  MAX_BODY_VALUES,
  MAX_EARLY_BYTES,
  MAX_EARLY_STREAMS,
  MAX_EVENT_LENGTH,
  MAX_GREETING_LENGTH,
  MAX_LIST_ENTRIES,
  MAX_NAME_LENGTH,
  MAX_NOTE_LENGTH,
  MAX_PACKED_ANSWER,
  MAX_PACKED_FAILURES,
  MAX_PACKED_NAMES,
  MAX_PACKED_SIZE,
  MAX_PORTS,
  MAX_SEGMENT_LENGTH,
  MAX_SEGMENTS,
  MAX_TOKEN_LENGTH,
  NO_MORE_CHUNKS,
  PIECE_HEADER_LENGTH,
  PROTOCOL_VERSION,
  TRAILER_LENGTH,
} from "./limits.ts";
export type { Allocate } from "./allocate.ts";
export * as messages from "./messages/mod.ts";
export type * from "./messages/mod.ts";
export {
  type DiskInfo,
  type EmptyRequest,
  TURN_QUANTILES,
  type TurnQuantile,
} from "./system_bodies.ts";
export {
  decodeMessage,
  encodeMessage,
  type Message,
  messageTypeOf,
  type OutgoingMessage,
} from "./message.ts";
export { parsePacked } from "./messages/file_put_many.ts";
export { isTopic, SUBSCRIBED } from "./messages/events_subscribe.ts";
export { MessageReader } from "./message_reader.ts";
export { FIRST_CUSTOM_TYPE, MessageType } from "./message_types.ts";
export {
  CONNECTION_STATES,
  type ConnectionState,
  type ServerEndReason,
  SESSION_END_REASONS,
  SESSION_ENDERS,
  type SessionEnd,
  type SessionEnder,
  type SessionEndReason,
  type SessionState,
} from "./session_life.ts";
export { DEADLINE_FIELD, takeDeadline, withDeadline } from "./request_deadline.ts";
export type { OutputOf, Schema, SchemaIssue, SchemaResult } from "./schema.ts";
export { isWireErrorCode, WIRE_ERRORS, type WireErrorCode } from "./wire_errors.ts";
export { type Datagram, decodeDatagram, encodeDatagram, MAX_DATAGRAM_NUMBER } from "./datagram.ts";
