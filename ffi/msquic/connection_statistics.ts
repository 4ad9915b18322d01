import { failed, Param, StatisticsV2 } from "./abi/mod.ts";
import type { Api } from "./api.ts";
import { MsQuicError } from "./errors.ts";
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

/** Reads the statistics of the connection `handle`. */
export function readStatistics(api: Api, handle: Deno.PointerValue): ConnectionStatistics {
  const struct = allocStruct(StatisticsV2.size);
  const length = new Uint32Array([StatisticsV2.size]);
  const status = api.GetParam(handle, Param.CONN_STATISTICS_V2, length, struct);
  if (failed(status)) throw new MsQuicError("GetParam CONN_STATISTICS_V2", status);
  const u64 = (offset: number) => Number(struct.getBigUint64(offset, true));
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

/** How many bidirectional streams the peer of the connection `handle` lets this side open now. */
export function readOpenableStreams(api: Api, handle: Deno.PointerValue): number {
  const count = new Uint16Array(1);
  const length = new Uint32Array([count.byteLength]);
  const status = api.GetParam(handle, Param.CONN_LOCAL_BIDI_STREAM_COUNT, length, count);
  if (failed(status)) throw new MsQuicError("GetParam CONN_LOCAL_BIDI_STREAM_COUNT", status);
  return count[0] ?? 0;
}
