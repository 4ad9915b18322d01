import assert from "node:assert/strict";
import { configSchema } from "../../manager/config/config_schema.ts";
import { DEFAULTS } from "../../manager/mod.ts";
import {
  ALPN,
  FIRST_CUSTOM_TYPE,
  HEADER_LENGTH,
  MAX_BODY_DEPTH,
  MAX_BODY_LENGTH,
  MAX_BODY_VALUES,
  MAX_LIST_ENTRIES,
  MAX_NAME_LENGTH,
  MAX_PORTS,
  MAX_SEGMENT_LENGTH,
  PROTOCOL_VERSION,
  TRAILER_LENGTH,
} from "../../protocol/mod.ts";
import { SERVER_SETTINGS } from "../../worker/settings.ts";
import { codeOf, read, section, type Table, tablesIn } from "./markdown.ts";

const configuration = read("docs/configuration.md");

/** Keys that are told of in a section of their own, in prose. */
const IN_PROSE = ["portPolicy", "onManagerLoss"];

Deno.test("docs/configuration.md has every key of a configuration file, with its default", () => {
  const keys = [...rowsUnder("Keys"), ...rowsUnder("Deadlines")];
  const stated = keys.map(([key]) => codeOf(key));
  const entries = Object.keys(schemaEntries(configSchema));
  assert.deepEqual([...stated, ...IN_PROSE].sort(), entries.sort());
  for (const key of IN_PROSE) assert.match(configuration, new RegExp(`^\`${key}\``, "m"));
  assertDefaults(keys, { ...DEFAULTS, restart: undefined, keptUploads: undefined, overrides: {} });
});

Deno.test("docs/configuration.md has every key of keptUploads, with its default", () => {
  const keys = rowsUnder("Interrupted uploads");
  const { keptUploads } = DEFAULTS;
  assert.deepEqual(keys.map(([key]) => codeOf(key)).sort(), Object.keys(keptUploads).sort());
  assertDefaults(keys, { ...keptUploads });
});

Deno.test("docs/configuration.md has every key of restart, with its default", () => {
  const keys = rowsUnder("Restarts");
  assert.deepEqual(keys.map(([key]) => codeOf(key)).sort(), Object.keys(DEFAULTS.restart).sort());
  assertDefaults(keys, { ...DEFAULTS.restart });
});

Deno.test("docs/configuration.md gives examples that are fine", async () => {
  const { parseConfig } = await import("../../manager/config/parse_config.ts");
  const [example = ""] = Array.from(
    configuration.matchAll(/^```jsonc\n([\s\S]*?)^```/gm),
    ([, text]) => text,
  );
  assert.equal(parseConfig(example, "example").root, "/srv/files");
});

Deno.test("docs/protocol.md states the protocol's limits as they are", () => {
  const protocol = read("docs/protocol.md").replaceAll(/\s+/g, " ");
  const many = (value: number) => value.toLocaleString("en-US");
  const statements = [
    `ALPN \`${ALPN}\``,
    `longest body the server takes; at most ${many(MAX_BODY_LENGTH)} `,
    `nested deeper than ${MAX_BODY_DEPTH} levels`,
    `more than ${many(MAX_BODY_VALUES)} values`,
    `take over, in the order in which to try them; at most ${many(MAX_PORTS)},`,
    `Types from ${many(FIRST_CUSTOM_TYPE)} (0x${FIRST_CUSTOM_TYPE.toString(16)}) up`,
    `SHA-256 of the whole file in ${TRAILER_LENGTH} bytes`,
  ];
  for (const statement of statements) assert.ok(protocol.includes(statement), statement);
  for (const limit of [MAX_NAME_LENGTH, MAX_SEGMENT_LENGTH, MAX_LIST_ENTRIES]) {
    assert.match(protocol, new RegExp(`\\b${many(limit)}\\b`), String(limit));
  }
  assert.match(protocol, new RegExp(`version byte is not ${PROTOCOL_VERSION}\\b`));
  assert.match(protocol, new RegExp(`\\| ${HEADER_LENGTH} \\| … \\| body `));
  const { idleTimeoutMs, disconnectTimeoutMs } = SERVER_SETTINGS;
  assert.ok(protocol.includes(`nothing has come for ${idleTimeoutMs / 1000} s`));
  assert.ok(protocol.includes(`has been acknowledged for ${disconnectTimeoutMs / 1000} s`));
});

function rowsUnder(heading: string): Table {
  const [table = []] = tablesIn(section(configuration, heading));
  return table;
}

function assertDefaults(rows: Table, defaults: Readonly<Record<string, unknown>>): void {
  for (const [key, , stated] of rows) {
    const name = codeOf(key);
    const value = defaults[name];
    if (stated === "") assert.equal(value, undefined, name);
    else assert.deepEqual(JSON.parse(codeOf(stated)), value, name);
  }
}

/** The keys of the outermost object that a schema takes. */
function schemaEntries(schema: unknown): object {
  const { pipe } = schema as { pipe: { entries?: object }[] };
  return pipe.find(({ entries }) => entries !== undefined)?.entries ?? {};
}
