import type { CongestionControl } from "../../base/mod.ts";
import {
  CongestionControlAlgorithm,
  ServerResumptionLevel,
  Settings as Layout,
  SettingsBits,
  SettingsIsSet,
} from "./abi/mod.ts";
import { allocStruct } from "./native_memory.ts";

/** Settings of a configuration. What is not given keeps MsQuic's default (docs/Settings.md there). */
export interface Settings {
  /** Milliseconds without traffic after which a connection ends; 0 for never (RFC 9000 10.1). */
  idleTimeoutMs?: number;
  /** Milliseconds that a handshake may take. */
  handshakeIdleTimeoutMs?: number;
  /** Milliseconds between keep-alives on an idle connection; 0 for none. */
  keepAliveIntervalMs?: number;
  /**
   * Milliseconds without an acknowledgement after which a path counts as lost; more on a path that is so
   * long that ten round trips take more.
   */
  disconnectTimeoutMs?: number;
  /** How many bidirectional streams the peer may have open at once. */
  peerBidiStreamCount?: number;
  /** How many unidirectional streams the peer may have open at once. */
  peerUnidiStreamCount?: number;
  /** Bytes that the peer may have in flight on a connection. */
  connFlowControlWindow?: number;
  /** Bytes that the peer may have in flight on a stream; a power of two. */
  streamRecvWindow?: number;
  /**
   * Bytes up to which that grows on a stream whose reader keeps up; by default up to what the connection
   * has, which a reader that then stops would take from all other streams.
   */
  streamRecvWindowLimit?: number;
  /** Bytes that MsQuic sets aside for a new stream; a power of two. */
  streamRecvBuffer?: number;
  /** Packets that may be sent at the start of a connection, before anything is known of the path. */
  initialWindowPackets?: number;
  /** Milliseconds that a round trip is taken to last on a path before one has been measured. */
  initialRttMs?: number;
  /** Milliseconds that an acknowledgement may be delayed. */
  maxAckDelayMs?: number;
  /**
   * Whether a server lets clients resume sessions (RFC 8446 section 2.2), with the tickets that it sends
   * them. MsQuic 2.5 then also takes what they send before the handshake is complete ("0-RTT"), whatever
   * the level says (`QUIC_SERVER_RESUME_ONLY`); a {@linkcode Listener} hands it on when that is complete.
   */
  resumption?: boolean;
  /** Whether MsQuic copies what is sent. Without, sends complete when they are acknowledged. */
  sendBuffering?: boolean;
  /** Whether sends are spread over a round trip. */
  pacing?: boolean;
  /** Whether a connection tells of its path with each acknowledgement (`NETWORK_STATISTICS`). */
  networkStatistics?: boolean;
  /** Whether the peer may send datagrams (RFC 9221), which get lost where streams would send again. */
  datagrams?: boolean;
  /** Microseconds for which work may wait on the average before connections are refused; of a process alone. */
  maxWorkerQueueDelayUs?: number;
  /** Answers without a connection that may wait to be made; of a process alone. */
  maxStatelessOperations?: number;
  /** How many of a port are remembered at once; of a process alone. */
  maxBindingStatelessOperations?: number;
  /** For how many milliseconds; of a process alone. */
  statelessOperationExpirationMs?: number;
  /** How the path's rate is found out; cannot be changed once a connection has started. */
  congestionControl?: CongestionControl;
}

const NUMBERS = {
  idleTimeoutMs: "IdleTimeoutMs",
  handshakeIdleTimeoutMs: "HandshakeIdleTimeoutMs",
  keepAliveIntervalMs: "KeepAliveIntervalMs",
  disconnectTimeoutMs: "DisconnectTimeoutMs",
  peerBidiStreamCount: "PeerBidiStreamCount",
  peerUnidiStreamCount: "PeerUnidiStreamCount",
  connFlowControlWindow: "ConnFlowControlWindow",
  streamRecvWindow: "StreamRecvWindowDefault",
  streamRecvBuffer: "StreamRecvBufferDefault",
  initialWindowPackets: "InitialWindowPackets",
  initialRttMs: "InitialRttMs",
  maxAckDelayMs: "MaxAckDelayMs",
  maxWorkerQueueDelayUs: "MaxWorkerQueueDelayUs",
  maxStatelessOperations: "MaxStatelessOperations",
  maxBindingStatelessOperations: "MaxBindingStatelessOperations",
  statelessOperationExpirationMs: "StatelessOperationExpirationMs",
} as const;

const SWITCHES = {
  sendBuffering: "SendBufferingEnabled",
  pacing: "PacingEnabled",
  networkStatistics: "NetStatsEventEnabled",
  datagrams: "DatagramReceiveEnabled",
} as const;

const ALGORITHMS = {
  bbr: CongestionControlAlgorithm.BBR,
  cubic: CongestionControlAlgorithm.CUBIC,
} as const satisfies Record<CongestionControl, number>;

/** Fields that take more or fewer than 32 bits. */
const WIDTHS: Partial<Record<keyof typeof Layout, 16 | 64>> = {
  IdleTimeoutMs: 64,
  HandshakeIdleTimeoutMs: 64,
  PeerBidiStreamCount: 16,
  PeerUnidiStreamCount: 16,
  MaxBindingStatelessOperations: 16,
  StatelessOperationExpirationMs: 16,
  CongestionControlAlgorithm: 16,
};

/**
 * Encodes `QUIC_SETTINGS`.
 *
 * @throws {RangeError} If a number does not fit its field.
 */
export function encodeSettings(settings: Settings): DataView<ArrayBuffer> {
  const struct = allocStruct(Layout.size);
  let isSet = 0n;
  for (const [key, field] of entries(NUMBERS)) {
    const value = settings[key];
    if (value === undefined) continue;
    isSet |= 1n << BigInt(SettingsIsSet[field]);
    setNumber(struct, field, value);
  }
  for (const [key, field] of entries(SWITCHES)) {
    const value = settings[key];
    if (value === undefined) continue;
    isSet |= 1n << BigInt(SettingsIsSet[field]);
    const { byte, mask } = SettingsBits[field];
    const others = struct.getUint8(byte) & ~mask;
    struct.setUint8(byte, value ? others | mask : others);
  }
  if (settings.congestionControl !== undefined) {
    isSet |= 1n << BigInt(SettingsIsSet.CongestionControlAlgorithm);
    const algorithm = ALGORITHMS[settings.congestionControl];
    setNumber(struct, "CongestionControlAlgorithm", algorithm);
  }
  if (settings.resumption !== undefined) {
    isSet |= 1n << BigInt(SettingsIsSet.ServerResumptionLevel);
    const { NO_RESUME, RESUME_ONLY } = ServerResumptionLevel;
    const { byte, mask } = SettingsBits.ServerResumptionLevel;
    const level = settings.resumption ? RESUME_ONLY : NO_RESUME;
    // The level in the place of its mask's bits.
    struct.setUint8(byte, struct.getUint8(byte) & ~mask | level * (mask & -mask));
  }
  struct.setBigUint64(Layout.IsSetFlags, isSet, true);
  return struct;
}

function setNumber(struct: DataView, field: keyof typeof Layout, value: number): void {
  const width = WIDTHS[field] ?? 32;
  const most = width === 64 ? Number.MAX_SAFE_INTEGER : 2 ** width - 1;
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new RangeError(`Cannot set ${field} to ${value}: it must be between 0 and ${most}`);
  }
  if (width === 64) struct.setBigUint64(Layout[field], BigInt(value), true);
  else if (width === 32) struct.setUint32(Layout[field], value, true);
  else struct.setUint16(Layout[field], value, true);
}

function entries<K extends string, V>(table: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(table) as [K, V][];
}
