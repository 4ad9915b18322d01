import { locateLibrary, type Settings } from "../../ffi/mod.ts";
import { SERVER_SETTINGS } from "../../worker/settings.ts";

/** Options of the limit program that stand for settings of MsQuic. */
const OPTIONS = {
  idleTimeoutMs: "--idle-ms",
  keepAliveIntervalMs: "--keep-alive-ms",
  streamRecvWindow: "--stream-window",
  connFlowControlWindow: "--connection-window",
  peerBidiStreamCount: "--streams",
  sendBuffering: "--send-buffering",
} as const satisfies Partial<Record<keyof Settings, string>>;

/** The library that workers use, for the limit program. */
export function libraryArguments(): string[] {
  return ["--msquic", locateLibrary().path];
}

/** Has the limit program's server behave as a worker does. */
export function serverSettingArguments(settings: Settings = SERVER_SETTINGS): string[] {
  return Object.entries(OPTIONS).flatMap(([key, option]) => {
    const value = settings[key as keyof typeof OPTIONS];
    return value === undefined ? [] : [option, String(Number(value))];
  });
}
