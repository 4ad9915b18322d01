/** How local programs reach a running manager and its workers: the content of `instance.json`. */
export interface InstanceInfo {
  instance: string;
  /** Process id of the manager. */
  pid: number;
  host: string;
  ports: number[];
  /** Of the certificate that workers present which start now: lower-case hex SHA-256 of its DER. */
  fingerprint: string;
  /** Of those that the workers present which run, and of that one: two while it is being replaced. */
  fingerprints: string[];
  /** Path of the control endpoint: a Unix socket, or a named pipe on Windows. */
  control: string;
  version: string;
}

/** Reads `instance.json`; `undefined` if it is not one. Fields unknown to this version are ignored. */
export function parseInstanceInfo(text: string): InstanceInfo | undefined {
  const value = parseObject(text);
  if (!value) return undefined;
  const { instance, pid, host, ports, fingerprint, control, version } = value;
  // Older managers have one.
  const { fingerprints = [fingerprint] } = value;
  if (typeof instance !== "string" || typeof host !== "string") return undefined;
  if (typeof fingerprint !== "string" || typeof control !== "string") return undefined;
  if (typeof pid !== "number" || !Number.isSafeInteger(pid)) return undefined;
  if (typeof version !== "string" || !isPorts(ports) || !isTexts(fingerprints)) return undefined;
  return { instance, pid, host, ports, fingerprint, fingerprints, control, version };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

function isPorts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((port) => Number.isInteger(port));
}
