/** The settings that can contradict each other, as they are given. */
interface GivenSettings {
  readonly ports?: unknown;
  readonly workers?: unknown;
  readonly certificateFile?: string | undefined;
  readonly privateKeyFile?: string | undefined;
  readonly certificateNames?: readonly string[] | undefined;
}

/** Two settings that cannot both be. */
export interface Contradiction {
  /** The one that is to go, or that lacks the other. */
  readonly key: keyof GivenSettings;
  readonly reason: string;
}

/** What of the settings cannot be together; undefined if nothing is. */
export function findContradiction(
  { certificateFile, privateKeyFile, certificateNames = [], ports, workers }: GivenSettings,
): Contradiction | undefined {
  if (ports !== undefined && workers !== undefined) {
    return { key: "workers", reason: "ports and workers exclude each other: give one of them" };
  }
  if ((certificateFile === undefined) !== (privateKeyFile === undefined)) {
    const key = certificateFile === undefined ? "privateKeyFile" : "certificateFile";
    const reason = "certificateFile and privateKeyFile belong together: give both, or neither";
    return { key, reason };
  }
  if (certificateFile === undefined || certificateNames.length === 0) return undefined;
  const reason = "certificateNames is for a certificate that msquicd makes: " +
    "give either that or certificateFile";
  return { key: "certificateNames", reason };
}
