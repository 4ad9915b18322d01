import type {
  Addr,
  BitField,
  Buffer,
  CertificateFile,
  ConnectionEvent,
  CredentialConfig,
  ExecutionConfig,
  ListenerEvent,
  NewConnectionInfo,
  RegistrationConfig,
  Settings,
  StatisticsV2,
  StreamEvent,
  StreamStatistics,
  TicketKeyConfig,
} from "../../../ffi/msquic/abi/mod.ts";

/** The size in bytes of each type that a field is read or written as. */
export const TYPE_SIZES = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  pointer: 8,
  ipv4: 4,
  ipv6: 16,
  u8x16: 16,
  u8x64: 64,
} as const;

/** The type of a field. */
export type FieldType = keyof typeof TYPE_SIZES;

/** For a table of offsets, the type of each field; none for bit-fields, for they have no offset. */
export type FieldTypes<Table> = {
  readonly [Name in keyof Table as Table[Name] extends BitField ? never : Exclude<Name, "size">]:
    Table[Name] extends number ? FieldType : FieldTypes<Table[Name]>;
};

export const buffer: FieldTypes<typeof Buffer> = { Length: "u32", Buffer: "pointer" };

export const registrationConfig: FieldTypes<typeof RegistrationConfig> = {
  AppName: "pointer",
  ExecutionProfile: "u32",
};

export const executionConfig: FieldTypes<typeof ExecutionConfig> = {
  IdealProcessor: "u32",
  EventQ: "pointer",
};

export const credentialConfig: FieldTypes<typeof CredentialConfig> = {
  Type: "u32",
  Flags: "u32",
  CertificateFile: "pointer",
  Principal: "pointer",
  Reserved: "pointer",
  AsyncHandler: "pointer",
  AllowedCipherSuites: "u32",
  CaCertificateFile: "pointer",
};

export const ticketKeyConfig: FieldTypes<typeof TicketKeyConfig> = {
  Id: "u8x16",
  Material: "u8x64",
  MaterialLength: "u8",
};

export const certificateFile: FieldTypes<typeof CertificateFile> = {
  PrivateKeyFile: "pointer",
  CertificateFile: "pointer",
};

export const newConnectionInfo: FieldTypes<typeof NewConnectionInfo> = {
  QuicVersion: "u32",
  LocalAddress: "pointer",
  RemoteAddress: "pointer",
  CryptoBufferLength: "u32",
  ClientAlpnListLength: "u16",
  ServerNameLength: "u16",
  NegotiatedAlpnLength: "u8",
  CryptoBuffer: "pointer",
  ClientAlpnList: "pointer",
  NegotiatedAlpn: "pointer",
  ServerName: "pointer",
};

export const addr: FieldTypes<typeof Addr> = {
  Family: "u16",
  Port: "u16",
  Ipv4: "ipv4",
  FlowInfo: "u32",
  Ipv6: "ipv6",
  ScopeId: "u32",
};

export const statisticsV2: FieldTypes<typeof StatisticsV2> = {
  CorrelationId: "u64",
  Rtt: "u32",
  MinRtt: "u32",
  MaxRtt: "u32",
  TimingStart: "u64",
  TimingInitialFlightEnd: "u64",
  TimingHandshakeFlightEnd: "u64",
  SendPathMtu: "u16",
  SendTotalPackets: "u64",
  SendRetransmittablePackets: "u64",
  SendSuspectedLostPackets: "u64",
  SendSpuriousLostPackets: "u64",
  SendTotalBytes: "u64",
  SendTotalStreamBytes: "u64",
  SendCongestionCount: "u32",
  SendPersistentCongestionCount: "u32",
  RecvTotalPackets: "u64",
  RecvReorderedPackets: "u64",
  RecvDroppedPackets: "u64",
  RecvDuplicatePackets: "u64",
  RecvTotalBytes: "u64",
  RecvTotalStreamBytes: "u64",
  RecvDecryptionFailures: "u64",
  RecvValidAckFrames: "u64",
  KeyUpdateCount: "u32",
  SendCongestionWindow: "u32",
  DestCidUpdateCount: "u32",
  SendEcnCongestionCount: "u32",
  HandshakeHopLimitTTL: "u8",
  RttVariance: "u32",
};

export const streamStatistics: FieldTypes<typeof StreamStatistics> = {
  ConnBlockedBySchedulingUs: "u64",
  ConnBlockedByPacingUs: "u64",
  ConnBlockedByAmplificationProtUs: "u64",
  ConnBlockedByCongestionControlUs: "u64",
  ConnBlockedByFlowControlUs: "u64",
  StreamBlockedByIdFlowControlUs: "u64",
  StreamBlockedByFlowControlUs: "u64",
  StreamBlockedByAppUs: "u64",
};

export const settings: FieldTypes<typeof Settings> = {
  IsSetFlags: "u64",
  MaxBytesPerKey: "u64",
  HandshakeIdleTimeoutMs: "u64",
  IdleTimeoutMs: "u64",
  MtuDiscoverySearchCompleteTimeoutUs: "u64",
  TlsClientMaxSendBuffer: "u32",
  TlsServerMaxSendBuffer: "u32",
  StreamRecvWindowDefault: "u32",
  StreamRecvBufferDefault: "u32",
  ConnFlowControlWindow: "u32",
  MaxWorkerQueueDelayUs: "u32",
  MaxStatelessOperations: "u32",
  InitialWindowPackets: "u32",
  SendIdleTimeoutMs: "u32",
  InitialRttMs: "u32",
  MaxAckDelayMs: "u32",
  DisconnectTimeoutMs: "u32",
  KeepAliveIntervalMs: "u32",
  CongestionControlAlgorithm: "u16",
  PeerBidiStreamCount: "u16",
  PeerUnidiStreamCount: "u16",
  MaxBindingStatelessOperations: "u16",
  StatelessOperationExpirationMs: "u16",
  MinimumMtu: "u16",
  MaximumMtu: "u16",
  MaxOperationsPerDrain: "u8",
  MtuDiscoveryMissingProbeCount: "u8",
  DestCidUpdateIdleTimeoutMs: "u32",
  StreamRecvWindowBidiLocalDefault: "u32",
  StreamRecvWindowBidiRemoteDefault: "u32",
  StreamRecvWindowUnidiDefault: "u32",
};

export const listenerEvent: FieldTypes<typeof ListenerEvent> = {
  Type: "u32",
  NEW_CONNECTION: { Info: "pointer", Connection: "pointer" },
  STOP_COMPLETE: {},
  DOS_MODE_CHANGED: {},
};

export const connectionEvent: FieldTypes<typeof ConnectionEvent> = {
  Type: "u32",
  CONNECTED: { SessionResumed: "u8", NegotiatedAlpnLength: "u8", NegotiatedAlpn: "pointer" },
  SHUTDOWN_INITIATED_BY_TRANSPORT: { Status: "u32", ErrorCode: "u64" },
  SHUTDOWN_INITIATED_BY_PEER: { ErrorCode: "u64" },
  SHUTDOWN_COMPLETE: {},
  LOCAL_ADDRESS_CHANGED: { Address: "pointer" },
  PEER_ADDRESS_CHANGED: { Address: "pointer" },
  PEER_STREAM_STARTED: { Stream: "pointer", Flags: "u32" },
  STREAMS_AVAILABLE: { BidirectionalCount: "u16", UnidirectionalCount: "u16" },
  PEER_NEEDS_STREAMS: { Bidirectional: "u8" },
  IDEAL_PROCESSOR_CHANGED: { IdealProcessor: "u16", PartitionIndex: "u16" },
  DATAGRAM_RECEIVED: {
    Buffer: "pointer",
    Flags: "u32",
  },
  DATAGRAM_SEND_STATE_CHANGED: {
    ClientContext: "pointer",
    State: "u32",
  },
  DATAGRAM_STATE_CHANGED: { SendEnabled: "u8", MaxSendLength: "u16" },
  RESUMED: { ResumptionStateLength: "u16", ResumptionState: "pointer" },
  RESUMPTION_TICKET_RECEIVED: { ResumptionTicketLength: "u32", ResumptionTicket: "pointer" },
  PEER_CERTIFICATE_RECEIVED: {
    Certificate: "pointer",
    DeferredErrorFlags: "u32",
    DeferredStatus: "u32",
    Chain: "pointer",
  },
  NETWORK_STATISTICS: {
    BytesInFlight: "u32",
    PostedBytes: "u64",
    IdealBytes: "u64",
    SmoothedRTT: "u64",
    CongestionWindow: "u32",
    Bandwidth: "u64",
  },
};

export const streamEvent: FieldTypes<typeof StreamEvent> = {
  Type: "u32",
  START_COMPLETE: { Status: "u32", ID: "u64" },
  RECEIVE: {
    AbsoluteOffset: "u64",
    TotalBufferLength: "u64",
    Buffers: "pointer",
    BufferCount: "u32",
    Flags: "u32",
  },
  SEND_COMPLETE: { Canceled: "u8", ClientContext: "pointer" },
  PEER_SEND_ABORTED: { ErrorCode: "u64" },
  PEER_RECEIVE_ABORTED: { ErrorCode: "u64" },
  SEND_SHUTDOWN_COMPLETE: { Graceful: "u8" },
  SHUTDOWN_COMPLETE: {
    ConnectionShutdown: "u8",
    ConnectionErrorCode: "u64",
    ConnectionCloseStatus: "u32",
  },
  IDEAL_SEND_BUFFER_SIZE: { ByteCount: "u64" },
  CANCEL_ON_LOSS: { ErrorCode: "u64" },
};
