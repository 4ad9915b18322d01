import { failed, Param } from "./abi/mod.ts";
import type { Api } from "./api.ts";
import { MsQuicError } from "./errors.ts";
import { encodeSettings, type Settings } from "./settings.ts";

/** Changes some settings of a connection; the others stay as they are. */
export function changeSettings(
  api: Api,
  connection: Deno.PointerValue,
  settings: Settings,
): void {
  const struct = encodeSettings(settings);
  const status = api.SetParam(connection, Param.CONN_SETTINGS, struct.byteLength, struct);
  if (failed(status)) throw new MsQuicError("SetParam CONN_SETTINGS", status);
}
