/** MsQuic for Deno: typed, asynchronous, on one thread. */
export { type Address, formatAddress, isLinkLocal } from "./address.ts";
export { isLoopback } from "./loopback_only.ts";
export { minAckDelayMs } from "./ack_delay.ts";
export type { BlockedTimes } from "./blocked_times.ts";
export { Configuration, type ConfigurationOptions, TICKET_KEY_LENGTH } from "./configuration.ts";
export type { CertificatePair, ClientTrust, Credential } from "./credential.ts";
export type { ShownCertificate } from "./peer_certificate.ts";
export { Connection, type ConnectOptions } from "./connection.ts";
export type { SessionTicket, TicketStore } from "./session_ticket.ts";
export type { ConnectionEnd } from "./connection_end.ts";
export type { ConnectionStatistics } from "./connection_statistics.ts";
export { CredentialError } from "./credential_error.ts";
export {
  ConnectError,
  type ConnectErrorCode,
  ConnectionEndedError,
  isAddressInUse,
  LibraryLoadError,
  LibraryVersionError,
  MsQuicError,
  NO_ANSWER_ADVICE,
  StreamAbortedError,
} from "./errors.ts";
export { Library, type LibraryOptions } from "./library.ts";
export { Listener, type ListenerOptions } from "./listener.ts";
export { LibraryNotFoundError, locateLibrary } from "./locate.ts";
export { TESTED_VERSIONS } from "./open_library.ts";
export { Registration, type RegistrationOptions } from "./registration.ts";
export type { Settings } from "./settings.ts";
export { Stream } from "./stream.ts";
export type { ReadOptions, SendOptions } from "./stream_owner.ts";
export type { WindowGrowth } from "./stream_windows.ts";
export { UnpackError } from "../libraries/unpack_library.ts";
