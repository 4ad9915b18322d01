import assert from "node:assert/strict";
import type { ConfigKey } from "../../manager/config/config_key.ts";
import { NAMED_KEYS } from "../../manager/config/keys.ts";
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
import { assertKept } from "../fixtures/kept_text.ts";
import { keyTables } from "./configuration_tables.ts";
import { read, ROOT } from "./markdown.ts";
import { withTable } from "./written_tables.ts";

const configuration = read("docs/configuration.md");

Deno.test("docs/configuration.md has the tables of keys as they are defined", () => {
  const text = keyTables().reduce(withTable, configuration);
  assertKept(`${ROOT}/docs/configuration.md`, configuration, text);
});

Deno.test("docs/configuration.md says when a change of a key has an effect", () => {
  assert.ok(NAMED_KEYS.every(([, { changes }]) => changes === "restart"));
  assert.match(configuration, /A change takes effect with the next\sstart/);
});

Deno.test("Names of keys end with their unit", () => {
  const keys: (readonly [string, ConfigKey])[] = [
    ...NAMED_KEYS,
    ...NAMED_KEYS.flatMap(([, key]) => key.type === "group" ? Object.entries(key.keys) : []),
  ];
  for (const [name, key] of keys) {
    const unit = "unit" in key ? key.unit : undefined;
    assert.equal(unit, /Ms$/.test(name) ? "ms" : /bytes$/i.test(name) ? "bytes" : undefined, name);
  }
});

Deno.test("Environment variables of keys are documented", () => {
  for (const [name, { environment }] of NAMED_KEYS) {
    if (environment === undefined) continue;
    assert.ok(read("docs/install.md").includes(`\`${environment}=`), name);
  }
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
