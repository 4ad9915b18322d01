import { formatDuration } from "../../base/mod.ts";
import type { KeptPart, TransferLimit } from "../../client/mod.ts";
import type { Place } from "./batch.ts";
import { formatBytes, formatRate, printable } from "../text/format.ts";
import type { Copied, CopiedDirectory, Removed } from "./copied.ts";

/** One line about what was done, or need not be, or would be. */
export function formatTransfer(result: Copied | Removed): string {
  const path = "path" in result ? result.path : undefined;
  if ("removed" in result) {
    const what = printable(path ?? result.decodedName ?? result.name ?? "");
    return `${what}: ${result.planned ? "would be removed" : "removed"}`;
  }
  const name = printable(result.name);
  const what = path !== undefined
    ? `${name} -> ${printable(path)}`
    : result.decodedName !== undefined
    ? `${printable(result.decodedName)} -> ${name}`
    : name;
  if ("directory" in result) return `${what}: ${formatDirectory(result)}`;
  if ("skipped" in result) return `${what}: skipped, same as stored`;
  if ("planned" in result) return `${what}: would be copied, ${formatBytes(result.bytes)}`;
  const { bytes, ms, sha256, resumedFrom, renamedFrom, wireBytes = Infinity } = result;
  const renamed = renamedFrom === undefined ? "" : ` (was ${printable(renamedFrom)})`;
  // Within less than a millisecond there is no rate to tell.
  const rate = ms > 0 ? ` (${formatRate(bytes - resumedFrom, ms)})` : "";
  const speed = `${formatBytes(bytes)} in ${formatDuration(ms)}${rate}`;
  const resumed = resumedFrom === 0 ? "" : `, from ${formatBytes(resumedFrom)} on`;
  const compressed = wireBytes < bytes - resumedFrom
    ? `, ${formatBytes(wireBytes)} on the wire`
    : "";
  const how = `${speed}${resumed}${compressed}`;
  return `${what}${renamed}: ${how}, sha256 ${sha256}${formatVerified(result)}`;
}

/** Whose word that is, where it was not compared. */
function formatVerified({ verified }: { verified?: string }): string {
  if (verified === undefined) return "";
  return ` as the server says (${
    verified === "size" ? "only the size was" : "nothing was"
  } compared)`;
}

function formatDirectory({ made, planned }: CopiedDirectory): string {
  if (!made) return "empty directory, there already";
  return planned ? "empty directory, would be made" : "empty directory, made";
}

const LIMITS: Record<TransferLimit, string> = {
  rate: "the rate that --limit-rate allows",
  network: "the network",
  "flow-control": "a window that is too small for the path",
  disk: "the disk here",
  processor: "the processor here",
  compression: "compressing or decompressing here",
  peer: "the other side",
};

/** A line about what held a transfer up, and how its path is; loss is known to who sends. */
export function formatLimits(
  result: Copied,
  direction: "sent" | "received",
): string {
  if (!("limitedBy" in result)) return "  nothing was moved";
  const { limitedBy, network } = result;
  const limit = `  held up by ${LIMITS[limitedBy]} (${limitedBy})`;
  if (network === undefined) return limit;
  const { rttMs, minRttMs, packetsSent, packetsLost, congestionWindow, mtu } = network;
  const path = `${limit}; round trip ${rttMs.toFixed(1)} ms, ${minRttMs.toFixed(1)} ms at least, ` +
    `packets of up to ${formatBytes(mtu)}`;
  if (direction === "received") return path;
  const share = packetsSent === 0 ? 0 : packetsLost * 100 / packetsSent;
  return `${path}, ${share.toFixed(2)} % of ${packetsSent} lost, congestion window ${
    formatBytes(congestionWindow)
  }`;
}

/** Which of several transfers one is, for its progress. */
export function formatPlace({ index, count }: Place): string {
  if (count === 1) return "";
  return count === undefined ? `#${index + 1}` : `${index + 1}/${count}`;
}

/** That a file is called here as it is on the server. */
export function formatImpossible(name: string, wanted: string): string {
  return `"${name}" keeps that name here, as "${wanted}" cannot be one on this disk`;
}

/** What is kept of a download that was interrupted, and what that is good for. */
export function formatKept(name: string, { path, bytes }: KeptPart): string {
  return `${
    formatBytes(bytes)
  } of "${name}" are kept in "${path}": the same command goes on from there`;
}

/** What becomes of an upload that was interrupted. */
export function formatResumable(name: string): string {
  return `The server keeps what it has of "${name}" for a day: the same command goes on from there`;
}

/** That a file was written to meanwhile. */
export function formatChanged(path: string): string {
  return `"${path}" was changed while it was sent: what is stored is what it was at one moment`;
}
