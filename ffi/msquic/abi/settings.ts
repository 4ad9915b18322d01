import type { BitField } from "./structs.ts";

/**
 * `QUIC_SETTINGS`. A field takes effect only when its bit in `IsSetFlags` is set, see
 * {@linkcode SettingsIsSet}. Names are those of msquic.h.
 */
export const Settings = {
  size: 144,
  IsSetFlags: 0, // u64
  MaxBytesPerKey: 8, // u64
  HandshakeIdleTimeoutMs: 16, // u64
  IdleTimeoutMs: 24, // u64
  MtuDiscoverySearchCompleteTimeoutUs: 32, // u64
  TlsClientMaxSendBuffer: 40, // u32
  TlsServerMaxSendBuffer: 44, // u32
  StreamRecvWindowDefault: 48, // u32
  StreamRecvBufferDefault: 52, // u32
  ConnFlowControlWindow: 56, // u32
  MaxWorkerQueueDelayUs: 60, // u32
  MaxStatelessOperations: 64, // u32
  InitialWindowPackets: 68, // u32
  SendIdleTimeoutMs: 72, // u32
  InitialRttMs: 76, // u32
  MaxAckDelayMs: 80, // u32
  DisconnectTimeoutMs: 84, // u32
  KeepAliveIntervalMs: 88, // u32
  CongestionControlAlgorithm: 92, // u16
  PeerBidiStreamCount: 94, // u16
  PeerUnidiStreamCount: 96, // u16
  MaxBindingStatelessOperations: 98, // u16
  StatelessOperationExpirationMs: 100, // u16
  MinimumMtu: 102, // u16
  MaximumMtu: 104, // u16
  MaxOperationsPerDrain: 107, // u8
  MtuDiscoveryMissingProbeCount: 108, // u8
  DestCidUpdateIdleTimeoutMs: 112, // u32
  StreamRecvWindowBidiLocalDefault: 128, // u32
  StreamRecvWindowBidiRemoteDefault: 132, // u32
  StreamRecvWindowUnidiDefault: 136, // u32
} as const;

/** The fields of `QUIC_SETTINGS` that are smaller than a byte. */
export const SettingsBits = {
  SendBufferingEnabled: { byte: 106, mask: 0x01 },
  PacingEnabled: { byte: 106, mask: 0x02 },
  MigrationEnabled: { byte: 106, mask: 0x04 },
  DatagramReceiveEnabled: { byte: 106, mask: 0x08 },
  ServerResumptionLevel: { byte: 106, mask: 0x30 },
  GreaseQuicBitEnabled: { byte: 106, mask: 0x40 },
  EcnEnabled: { byte: 106, mask: 0x80 },
  HyStartEnabled: { byte: 120, mask: 0x01 },
  EncryptionOffloadAllowed: { byte: 120, mask: 0x02 },
  ReliableResetEnabled: { byte: 120, mask: 0x04 },
  OneWayDelayEnabled: { byte: 120, mask: 0x08 },
  NetStatsEventEnabled: { byte: 120, mask: 0x10 },
  StreamMultiReceiveEnabled: { byte: 120, mask: 0x20 },
  XdpEnabled: { byte: 120, mask: 0x40 },
  QTIPEnabled: { byte: 120, mask: 0x80 },
  RioEnabled: { byte: 121, mask: 0x01 },
} as const satisfies Record<string, BitField>;

/** For each field, the number of its bit in `IsSetFlags` (0 is the lowest of the 64). */
export const SettingsIsSet = {
  MaxBytesPerKey: 0,
  HandshakeIdleTimeoutMs: 1,
  IdleTimeoutMs: 2,
  MtuDiscoverySearchCompleteTimeoutUs: 3,
  TlsClientMaxSendBuffer: 4,
  TlsServerMaxSendBuffer: 5,
  StreamRecvWindowDefault: 6,
  StreamRecvBufferDefault: 7,
  ConnFlowControlWindow: 8,
  MaxWorkerQueueDelayUs: 9,
  MaxStatelessOperations: 10,
  InitialWindowPackets: 11,
  SendIdleTimeoutMs: 12,
  InitialRttMs: 13,
  MaxAckDelayMs: 14,
  DisconnectTimeoutMs: 15,
  KeepAliveIntervalMs: 16,
  CongestionControlAlgorithm: 17,
  PeerBidiStreamCount: 18,
  PeerUnidiStreamCount: 19,
  MaxBindingStatelessOperations: 20,
  StatelessOperationExpirationMs: 21,
  MinimumMtu: 22,
  MaximumMtu: 23,
  SendBufferingEnabled: 24,
  PacingEnabled: 25,
  MigrationEnabled: 26,
  DatagramReceiveEnabled: 27,
  ServerResumptionLevel: 28,
  MaxOperationsPerDrain: 29,
  MtuDiscoveryMissingProbeCount: 30,
  DestCidUpdateIdleTimeoutMs: 31,
  GreaseQuicBitEnabled: 32,
  EcnEnabled: 33,
  HyStartEnabled: 34,
  StreamRecvWindowBidiLocalDefault: 35,
  StreamRecvWindowBidiRemoteDefault: 36,
  StreamRecvWindowUnidiDefault: 37,
  EncryptionOffloadAllowed: 38,
  ReliableResetEnabled: 39,
  OneWayDelayEnabled: 40,
  NetStatsEventEnabled: 41,
  StreamMultiReceiveEnabled: 42,
  XdpEnabled: 43,
  QTIPEnabled: 44,
  RioEnabled: 45,
} as const;
