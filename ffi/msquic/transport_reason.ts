import { Status, type StatusName, statusName, tlsAlert } from "./abi/mod.ts";

/** Why MsQuic, whose sockets are of IPv6 with IPv4 inside, has none where Linux does without the family. */
const NO_IPV6 = "this system has no IPv6 sockets, which MsQuic needs for IPv4 as well; start it " +
  "without ipv6.disable=1 (net.ipv6.conf.all.disable_ipv6=1 does no harm)";

const REASONS: readonly (readonly [StatusName, string])[] = [
  ["CONNECTION_TIMEOUT", "nothing that was sent is acknowledged any more"],
  ["CONNECTION_IDLE", "there was nothing to be heard for too long"],
  ["CONNECTION_REFUSED", "the other side refused it"],
  ["UNREACHABLE", "nothing listens there any more"],
  ["ABORTED", "the other side does not know it any more"],
  ["HANDSHAKE_FAILURE", "the handshake failed"],
  ["VER_NEG_ERROR", "it speaks no version of QUIC that is spoken here"],
  ["PROTOCOL_ERROR", "the other side does not keep to QUIC"],
  ["INTERNAL_ERROR", "QUIC failed on one side"],
  ["TLS_ERROR", "TLS failed"],
  ["OUT_OF_MEMORY", "there is not enough memory"],
  [
    "INVALID_ADDRESS",
    Deno.build.os === "linux" ? NO_IPV6 : "there is no way to such an address",
  ],
  ["ADDRESS_NOT_AVAILABLE", "there is no way to such an address"],
  ["INVALID_PARAMETER", "nobody can be at that address"],
];

/** Why a connection failed or ended, by its `QUIC_STATUS`, in words that follow a colon. */
export function transportReason(status: number): string {
  const known = REASONS.find(([name]) => Status[name] === status);
  if (known !== undefined) return known[1];
  const alert = tlsAlert(status);
  return alert === undefined ? statusName(status) : `TLS refuses it with alert ${alert}`;
}
