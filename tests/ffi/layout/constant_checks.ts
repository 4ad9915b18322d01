import * as abi from "../../../ffi/msquic/abi/mod.ts";
import type { LayoutPlatform, ValueCheck } from "./check.ts";

const PREFIXES: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ["QUIC_EXECUTION_PROFILE_", abi.ExecutionProfile],
  ["QUIC_CREDENTIAL_TYPE_", abi.CredentialType],
  ["QUIC_CREDENTIAL_FLAG_", abi.CredentialFlags],
  ["QUIC_CONNECTION_SHUTDOWN_FLAG_", abi.ConnectionShutdownFlags],
  ["QUIC_STREAM_OPEN_FLAG_", abi.StreamOpenFlags],
  ["QUIC_STREAM_START_FLAG_", abi.StreamStartFlags],
  ["QUIC_STREAM_SHUTDOWN_FLAG_", abi.StreamShutdownFlags],
  ["QUIC_RECEIVE_FLAG_", abi.ReceiveFlags],
  ["QUIC_SEND_FLAG_", abi.SendFlags],
  ["QUIC_GLOBAL_EXECUTION_CONFIG_FLAG_", abi.GlobalExecutionConfigFlags],
  ["QUIC_PERF_COUNTER_", abi.PerfCounter],
  ["QUIC_CONGESTION_CONTROL_ALGORITHM_", abi.CongestionControlAlgorithm],
  ["QUIC_STREAM_SCHEDULING_SCHEME_", abi.StreamSchedulingScheme],
  ["QUIC_SERVER_", abi.ServerResumptionLevel],
  ["QUIC_SEND_RESUMPTION_FLAG_", abi.SendResumptionFlags],
  ["QUIC_TLS_ALERT_CODE_", abi.TlsAlert],
  ["QUIC_LISTENER_EVENT_", abi.ListenerEventType],
  ["QUIC_CONNECTION_EVENT_", abi.ConnectionEventType],
  ["QUIC_STREAM_EVENT_", abi.StreamEventType],
  ["QUIC_PARAM_", abi.Param],
];

/** Enumerations, flags and parameters: the same on every system. */
export function constantChecks(): ValueCheck[] {
  return PREFIXES.flatMap(([prefix, table]) =>
    Object.entries(table).map(([name, expected]) => constant(prefix + name, expected))
  );
}

/** What differs between the systems: the event queue, address families and status values. */
export function platformChecks(platform: LayoutPlatform): ValueCheck[] {
  const { EventQ, Sqe, Cqe, AddressFamily } = abi.PLATFORM_LAYOUTS[platform];
  const sqeInCqe = platform === "windows"
    ? "offsetof(OVERLAPPED_ENTRY, lpOverlapped)"
    : "offsetof(struct epoll_event, data)";
  return [
    constant("sizeof(QUIC_EVENTQ)", EventQ.size),
    constant("sizeof(QUIC_SQE)", Sqe.size),
    constant("offsetof(QUIC_SQE, Completion)", Sqe.Completion),
    constant("sizeof(QUIC_CQE)", Cqe.size),
    constant(sqeInCqe, Cqe.Sqe),
    ...Object.entries(AddressFamily).map(([name, value]) =>
      constant(`QUIC_ADDRESS_FAMILY_${name}`, value)
    ),
    ...statusChecks(platform),
  ];
}

// QUIC_STATUS is signed on Windows: the cast gives the number that Deno returns for a u32.
function statusChecks(platform: LayoutPlatform): ValueCheck[] {
  const known = Object.entries(abi.STATUSES[platform])
    .filter(([name]) => platform !== "windows" || name !== "ADDRESS_NOT_AVAILABLE");
  return known.map(([name, value]) => constant(`(unsigned int)QUIC_STATUS_${name}`, value));
}

function constant(expression: string, expected: number): ValueCheck {
  return { label: expression, expression, expected };
}
