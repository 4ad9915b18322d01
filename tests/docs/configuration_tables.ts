import type { WrittenTable } from "./written_tables.ts";
import type { ConfigKey } from "../../manager/config/config_key.ts";
import { KEYS, NAMED_KEYS } from "../../manager/config/keys.ts";

/** All tables of keys. */
export function keyTables(): WrittenTable[] {
  const keys = NAMED_KEYS.filter(([, key]) => key.notInFile === undefined);
  return [
    table("Keys", ["key", "what it takes"], keys.filter(([, key]) => key.type !== "deadline")),
    table(
      "Deadlines",
      ["key", "how long a worker may take"],
      keys.filter(([, key]) => key.type === "deadline"),
    ),
    table(
      "Interrupted uploads",
      ["key in `keptUploads`", "what it says"],
      Object.entries(KEYS.keptUploads.keys),
    ),
    table(
      "Handlers",
      ["key in `requests`", "what it says"],
      Object.entries(KEYS.requests.keys),
    ),
    table("Limits", ["key in `limits`", "what it bounds"], Object.entries(KEYS.limits.keys)),
    table("Restarts", ["key in `restart`", "what it says"], Object.entries(KEYS.restart.keys)),
  ];
}

function table(
  heading: string,
  columns: readonly string[],
  keys: readonly (readonly [string, ConfigKey])[],
): WrittenTable {
  return {
    heading,
    columns: [...columns, "default"],
    rows: keys.map(([name, key]) => [
      `\`${name}\``,
      key.documentation,
      key.default === undefined ? "" : `\`${JSON.stringify(key.default)}\``,
    ]),
  };
}
