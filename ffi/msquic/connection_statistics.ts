import { StatisticsV2 } from "./abi/mod.ts";
import type { Handle } from "./handle.ts";
import { allocStruct } from "./native_memory.ts";

/** What MsQuic knows of a connection's path (`QUIC_STATISTICS_V2`). */
export interface ConnectionStatistics {
  /** Smoothed round-trip time in microseconds (RFC 9002 section 5). */
  rttUs: number;
  /** The smallest round-trip time seen, in microseconds. */
  minRttUs: number;
  /** Congestion window in bytes (RFC 9002 section 7). */
  congestionWindow: number;
  /** Bytes of a UDP payload that the path takes. */
  pathMtu: number;
  packetsSent: number;
  /** Packets that were taken for lost and are not known to have arrived. */
  packetsLost: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
}

/** Where MsQuic writes them; read at once, before anybody else asks. */
const struct = allocStruct(StatisticsV2.size);
const u64 = (offset: number) => Number(struct.getBigUint64(offset, true));

/** Reads the statistics of a connection. */
export function readStatistics(connection: Handle): ConnectionStatistics {
  connection.getParam("CONN_STATISTICS_V2", struct);
  return {
    rttUs: struct.getUint32(StatisticsV2.Rtt, true),
    minRttUs: struct.getUint32(StatisticsV2.MinRtt, true),
    congestionWindow: struct.getUint32(StatisticsV2.SendCongestionWindow, true),
    pathMtu: struct.getUint16(StatisticsV2.SendPathMtu, true),
    packetsSent: u64(StatisticsV2.SendTotalPackets),
    packetsLost: u64(StatisticsV2.SendSuspectedLostPackets) -
      u64(StatisticsV2.SendSpuriousLostPackets),
    packetsReceived: u64(StatisticsV2.RecvTotalPackets),
    bytesSent: u64(StatisticsV2.SendTotalBytes),
    bytesReceived: u64(StatisticsV2.RecvTotalBytes),
  };
}

/** How many bidirectional streams the peer of a connection lets this side open now. */
export function readOpenableStreams(connection: Handle): number {
  const [count] = connection.getParam("CONN_LOCAL_BIDI_STREAM_COUNT", new Uint16Array(1));
  return count ?? 0;
}
