import { constants } from "node:os";

/** The system's error for a move to another file system; on Windows ERROR_NOT_SAME_DEVICE. */
const OTHER_DEVICE = Deno.build.os === "windows" ? 17 : constants.errno.EXDEV;

const { ENOSPC, EDQUOT } = constants.errno;

/** On Windows ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL and ERROR_DISK_QUOTA_EXCEEDED. */
const FULL: readonly (number | undefined)[] = Deno.build.os === "windows"
  ? [39, 112, 1295]
  : [ENOSPC, EDQUOT];

/**
 * The operating system's number of an error, as far as it tells. The runtime's have a `code` for some
 * numbers only (none for EFBIG), but all are named in their messages, in front of any path.
 */
export function systemErrorNumber(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  if (number !== undefined) return Number(number);
  const code = "code" in error ? String(error.code) : "";
  return new Map<string, number>(Object.entries(constants.errno)).get(code);
}

/** Whether an error says that the place to move to is on another file system: something is mounted there. */
export function isOnOtherDevice(error: unknown): boolean {
  return systemErrorNumber(error) === OTHER_DEVICE;
}

/** Whether an error says that the disk, or its user's share of it, is full. */
export function isFull(error: unknown): boolean {
  const number = systemErrorNumber(error);
  return number !== undefined && FULL.includes(number);
}
