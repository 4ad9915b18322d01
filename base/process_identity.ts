/** The largest process id that the systems' calls take. */
export const MAX_PID = 0x7FFF_FFFF;

/** A process, beyond doubt: ids are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** On a clock of the system's own; 0 where it is not known. See `processStartTime` in ffi. */
  readonly startTime: bigint;
}

/** Whether both are the same process, by what is known of them. */
export function sameIdentity(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.startTime === other.startTime;
}

/** Whether a value is something that a process can have as its id. */
export function isPid(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_PID;
}
