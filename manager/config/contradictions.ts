import type { Actions } from "../../base/action_definition.ts";
import { findHookContradiction, type HookSettings } from "../../base/hook_settings.ts";

/** The settings that can contradict each other, as they are given. */
interface GivenSettings {
  readonly ports?: unknown;
  readonly workers?: unknown;
  readonly certificateFile?: string | undefined;
  readonly privateKeyFile?: string | undefined;
  readonly certificateNames?: readonly string[] | undefined;
  readonly clientCa?: string | undefined;
  readonly clients?: object | undefined;
  readonly actions?: Actions | undefined;
  readonly hooks?: HookSettings | undefined;
}

/** Two settings that cannot both be. */
export interface Contradiction {
  /** The one that is to go, or that lacks the other. */
  readonly key: keyof GivenSettings;
  readonly reason: string;
}

/** What of the settings cannot be together; undefined if nothing is. */
export function findContradiction(
  { certificateFile, privateKeyFile, certificateNames = [], ports, workers, ...others }:
    GivenSettings,
): Contradiction | undefined {
  if (ports !== undefined && workers !== undefined) {
    return { key: "workers", reason: "ports and workers exclude each other: give one of them" };
  }
  if ((certificateFile === undefined) !== (privateKeyFile === undefined)) {
    const key = certificateFile === undefined ? "privateKeyFile" : "certificateFile";
    const reason = "certificateFile and privateKeyFile belong together: give both, or neither";
    return { key, reason };
  }
  const { clientCa, clients = {}, actions = {}, hooks = {} } = others;
  const unfit = findHookContradiction(hooks, actions);
  if (unfit !== undefined) return { key: "hooks", reason: unfit };
  if (clientCa === undefined && Object.keys(clients).length > 0) {
    const reason = "clients are known by certificates: say with clientCa who has signed these";
    return { key: "clients", reason };
  }
  if (certificateFile === undefined || certificateNames.length === 0) return undefined;
  const reason = "certificateNames is for a certificate that msquicd makes: " +
    "give either that or certificateFile";
  return { key: "certificateNames", reason };
}
