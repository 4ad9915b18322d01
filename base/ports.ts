/** The highest port there is. */
export const MAX_PORT = 65535;

/** Whether a value is a port that something can have: 0 stands for any, and is none. */
export function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_PORT;
}
