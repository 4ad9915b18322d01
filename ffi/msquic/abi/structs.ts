/**
 * Structs that are handed to MsQuic or read from it, as byte offsets. All are the same on 64-bit
 * Linux and Windows; what differs is in `event_queue.ts`. Names are those of msquic.h.
 *
 * `size` is the whole struct, padding included. A field of less than a byte is a {@linkcode BitField}.
 */

/** Where a C bit-field of at most one byte is: the byte's offset, and its bits within that byte. */
export interface BitField {
  readonly byte: number;
  readonly mask: number;
}

/** `QUIC_BUFFER`. */
export const Buffer = {
  size: 16,
  Length: 0, // u32
  Buffer: 8, // pointer
} as const;

/** `QUIC_REGISTRATION_CONFIG`. */
export const RegistrationConfig = {
  size: 16,
  AppName: 0, // pointer
  ExecutionProfile: 8, // u32
} as const;

/** `QUIC_EXECUTION_CONFIG`. */
export const ExecutionConfig = {
  size: 16,
  IdealProcessor: 0, // u32
  EventQ: 8, // pointer to a QUIC_EVENTQ, see event_queue.ts
} as const;

/** `QUIC_CREDENTIAL_CONFIG`; the union of credential pointers is named by its one used member. */
export const CredentialConfig = {
  size: 56,
  Type: 0, // u32
  Flags: 4, // u32
  CertificateFile: 8, // pointer
  Principal: 16, // pointer
  Reserved: 24, // pointer
  AsyncHandler: 32, // function
  AllowedCipherSuites: 40, // u32
  CaCertificateFile: 48, // pointer
} as const;

/** `QUIC_TICKET_KEY_CONFIG`. */
export const TicketKeyConfig = {
  size: 81,
  Id: 0, // u8[16]
  Material: 16, // u8[64]
  MaterialLength: 80, // u8
} as const;

/** `QUIC_CERTIFICATE_FILE`. */
export const CertificateFile = {
  size: 16,
  PrivateKeyFile: 0, // pointer
  CertificateFile: 8, // pointer
} as const;

/** `QUIC_NEW_CONNECTION_INFO`. */
export const NewConnectionInfo = {
  size: 72,
  QuicVersion: 0, // u32
  LocalAddress: 8, // pointer
  RemoteAddress: 16, // pointer
  CryptoBufferLength: 24, // u32
  ClientAlpnListLength: 28, // u16
  ServerNameLength: 30, // u16
  NegotiatedAlpnLength: 32, // u8
  CryptoBuffer: 40, // pointer
  ClientAlpnList: 48, // pointer
  NegotiatedAlpn: 56, // pointer
  ServerName: 64, // pointer
} as const;

/**
 * `QUIC_ADDR`: `sockaddr_in` or `sockaddr_in6`. Port and address are in network byte order, the
 * family (see `AddressFamily`) and the scope in the machine's.
 */
export const Addr = {
  size: 28,
  Family: 0, // u16
  Port: 2, // u16, big-endian
  Ipv4: 4, // 4 bytes
  FlowInfo: 4, // u32, IPv6 only
  Ipv6: 8, // 16 bytes
  ScopeId: 24, // u32, IPv6 only
} as const;

/** `QUIC_STATISTICS_V2`; times are in microseconds. */
export const StatisticsV2 = {
  size: 208,
  CorrelationId: 0, // u64
  Rtt: 12, // u32
  MinRtt: 16, // u32
  MaxRtt: 20, // u32
  TimingStart: 24, // u64
  TimingInitialFlightEnd: 32, // u64
  TimingHandshakeFlightEnd: 40, // u64
  SendPathMtu: 60, // u16
  SendTotalPackets: 64, // u64
  SendRetransmittablePackets: 72, // u64
  SendSuspectedLostPackets: 80, // u64
  SendSpuriousLostPackets: 88, // u64
  SendTotalBytes: 96, // u64
  SendTotalStreamBytes: 104, // u64
  SendCongestionCount: 112, // u32
  SendPersistentCongestionCount: 116, // u32
  RecvTotalPackets: 120, // u64
  RecvReorderedPackets: 128, // u64
  RecvDroppedPackets: 136, // u64
  RecvDuplicatePackets: 144, // u64
  RecvTotalBytes: 152, // u64
  RecvTotalStreamBytes: 160, // u64
  RecvDecryptionFailures: 168, // u64
  RecvValidAckFrames: 176, // u64
  KeyUpdateCount: 184, // u32
  SendCongestionWindow: 188, // u32
  DestCidUpdateCount: 192, // u32
  SendEcnCongestionCount: 196, // u32
  HandshakeHopLimitTTL: 200, // u8
  RttVariance: 204, // u32
} as const;

/** `QUIC_STREAM_STATISTICS`: why a stream's bytes had to wait, in microseconds. */
export const StreamStatistics = {
  size: 64,
  ConnBlockedBySchedulingUs: 0, // u64
  ConnBlockedByPacingUs: 8, // u64
  ConnBlockedByAmplificationProtUs: 16, // u64
  ConnBlockedByCongestionControlUs: 24, // u64
  ConnBlockedByFlowControlUs: 32, // u64
  StreamBlockedByIdFlowControlUs: 40, // u64
  StreamBlockedByFlowControlUs: 48, // u64
  StreamBlockedByAppUs: 56, // u64
} as const;
