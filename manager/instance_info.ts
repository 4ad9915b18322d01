/** How local programs reach a running manager and its workers: the content of `instance.json`. */
export interface InstanceInfo {
  instance: string;
  /** Process id of the manager. */
  pid: number;
  host: string;
  ports: number[];
  /** Lower-case hex SHA-256 of the certificate's DER. */
  fingerprint: string;
  /** Path of the control endpoint: a Unix socket, or a named pipe on Windows. */
  control: string;
  version: string;
}

/** Reads `instance.json`; `undefined` if it is not one. Fields unknown to this version are ignored. */
export function parseInstanceInfo(text: string): InstanceInfo | undefined {
  const value = parseObject(text);
  if (!value) return undefined;
  const { instance, pid, host, ports, fingerprint, control, version } = value;
  if (typeof instance !== "string" || typeof host !== "string") return undefined;
  if (typeof fingerprint !== "string" || typeof control !== "string") return undefined;
  if (typeof pid !== "number" || !Number.isSafeInteger(pid)) return undefined;
  if (typeof version !== "string" || !isPorts(ports)) return undefined;
  return { instance, pid, host, ports, fingerprint, control, version };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isPorts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((port) => Number.isInteger(port));
}
