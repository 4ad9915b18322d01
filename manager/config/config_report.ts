import type { ManagerConfig } from "./config.ts";

/**
 * A configuration as it is shown, with everything that nobody has said filled in.
 *
 * @param file Where it came from, if from a file.
 * @returns A value that can be written as JSON.
 */
export function configReport(
  config: ManagerConfig,
  file: string | undefined,
): Record<string, unknown> {
  const { overrides, ...rest } = config;
  return { file: file ?? null, ...rest, overrides: Object.fromEntries(overrides) };
}
