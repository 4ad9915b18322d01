import type { Handle } from "./handle.ts";
import { encodeSettings, type Settings } from "./settings.ts";

/** Changes some settings of a connection; the others stay as they are. */
export function changeSettings(connection: Handle, settings: Settings): void {
  connection.setParam("CONN_SETTINGS", encodeSettings(settings));
}
