import { failed, Param, PerfCounter } from "./abi/mod.ts";
import type { Api } from "./api.ts";
import { MsQuicError } from "./errors.ts";
import type { Traffic } from "./events/damper.ts";

/** Reads what all connections of the process have received and sent, each time that it is called. */
export function trafficReader(api: Api): () => Traffic {
  const counters = new BigUint64Array(PerfCounter.UDP_SEND_BYTES + 1);
  const length = new Uint32Array(1);
  const sum = (received: number, sent: number) => Number(counters[received]! + counters[sent]!);
  return () => {
    length[0] = counters.byteLength;
    const status = api.GetParam(null, Param.GLOBAL_PERF_COUNTERS, length, counters);
    if (failed(status)) throw new MsQuicError("GetParam GLOBAL_PERF_COUNTERS", status);
    return {
      datagrams: sum(PerfCounter.UDP_RECV, PerfCounter.UDP_SEND),
      bytes: sum(PerfCounter.UDP_RECV_BYTES, PerfCounter.UDP_SEND_BYTES),
    };
  };
}
