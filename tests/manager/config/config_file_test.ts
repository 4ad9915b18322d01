import assert from "node:assert/strict";
import { join } from "node:path";
import {
  ConfigNotFoundError,
  InvalidConfigError,
  loadConfigFile,
  mergeFlags,
  resolveConfig,
} from "../../../manager/mod.ts";
import { parseConfig } from "../../../manager/config/parse_config.ts";
import { restartPolicyOf } from "../../../manager/config/config.ts";

Deno.test("parseConfig() reads JSON with comments and trailing commas", () => {
  const text = `{
    // Where
    "host": "::1", /* and how many */
    "workers": 2,
    "restart": { "jitter": 0, },
  }`;
  assert.deepEqual(parseConfig(text, "x"), { host: "::1", workers: 2, restart: { jitter: 0 } });
  assert.deepEqual(parseConfig("{}", "x"), {});
});

/** Each with the line, and what is said to be wrong there. */
const WRONG: [text: string, line: number, reason: RegExp][] = [
  ["", 1, /^not JSON: value expected$/],
  ['{\n"host": }', 2, /^not JSON: value expected$/],
  ['{\n"a": 1\n"b": 2 }', 3, /^not JSON: comma expected$/],
  ["[]", 1, /^it must be an object with the keys .*host/],
  ['{\n\n"hots": "::1" }', 3, /^unknown key "hots"; it must be one of the keys .*host, ports/],
  ['{ "host": 1 }', 1, /^"host" must be an IP address, 127.0.0.1 or :: for example$/],
  ['{ "host": "example.org" }', 1, /^"host" must be an IP address/],
  ['{ "ports": "4433-" }', 1, /^"ports" must be ports like "4433-4435,4500"/],
  ['{ "ports": [] }', 1, /^"ports" must be/],
  ['{ "ports": [1, 1] }', 1, /^"ports" must be/],
  ['{ "ports": "1",\n"workers": 1 }', 2, /^ports and workers exclude each other/],
  ['{ "workers": 0 }', 1, /^"workers" must be a whole number from 1 to 256$/],
  ['{ "workers": "3" }', 1, /^"workers" must be a whole number from 1 to 256$/],
  ['{ "root": "" }', 1, /^"root" must be a path$/],
  ['{ "logFormat": "xml" }', 1, /^"logFormat" must be "pretty" or "json"$/],
  [
    '{ "logLevel": null }',
    1,
    /^"logLevel" must be "trace", "debug", "info", "warning", "error" or "fatal"$/,
  ],
  ['{ "stallDeadlineMs": 10 }', 1, /^"stallDeadlineMs" must be a whole number from 1000 to/],
  ['{ "onManagerLoss": "die" }', 1, /^"onManagerLoss" must be "drain" or "keep"$/],
  ['{ "portPolicy": true }', 1, /^"portPolicy" must be "skip" or "refuse"$/],
  ['{ "certificateFile": "" }', 1, /^"certificateFile" must be a path$/],
  ['{\n"certificateFile": "a" }', 2, /^certificateFile and privateKeyFile belong together: give/],
  ['{\n"privateKeyFile": "a" }', 2, /^certificateFile and privateKeyFile belong together: give/],
  [
    '{ "certificateFile": "a", "privateKeyFile": "b",\n"certificateNames": ["a"] }',
    2,
    /^certificateNames is for a certificate that msquicd makes/,
  ],
  ['{ "certificateNames": "a" }', 1, /^"certificateNames" must be a list of host names/],
  ['{ "certificateNames": [\n"a b"] }', 2, /^"certificateNames.0" must be a list of host names/],
  ['{ "certificateNames": ["a", "a"] }', 1, /each named once$/],
  ['{ "restart": 3 }', 1, /^"restart" must be an object with the keys initialDelayMs/],
  ['{ "restart": {\n"jitter": 1.5 } }', 2, /^"restart.jitter" must be a number from 0 to 1$/],
  ['{ "restart": {\n"delay": 1 } }', 2, /^unknown key "delay"; .*one of the keys initialDelayMs/],
  ['{ "restart": { "doNotRestartExitCodes": [\n-1] } }', 2, /ExitCodes\.0" must be a whole/],
  ['{ "overrides": [] }', 1, /^"overrides" must be an object with ports as keys$/],
  ['{ "overrides": {\n"web": {} } }', 2, /^unknown key "web"; it must be a port from 1 to 65535$/],
  ['{ "overrides": { "4433": {\n"root": "x" } } }', 2, /^unknown key "root"; .* keys restart$/],
  ['{ "host": "::1",\n"host": "::" }', 2, /^the key "host" is there twice$/],
  ['{ "actions": [] }', 1, /^"actions" must be an object with actions by their names$/],
  ['{ "actions": {\n"A": {} } }', 2, /^unknown key "A"; it must be a name of lower-case letters/],
  [
    '{ "actions": { "a": { "command": [\n"/bin/ls",\n"{x}"] } } }',
    Deno.build.os === "windows" ? 2 : 3,
    Deno.build.os === "windows" ? /an absolute path/ : /\.1" must be text with placeholders of/,
  ],
  ['{ "anonymous": "read" }', 1, /^"anonymous" must be an object with the keys allow, prefix$/],
  ['{ "anonymous": {} }', 1, /^"anonymous.allow" must be a list of at most 100 scopes$/],
  [
    '{ "anonymous": { "allow": [\n"read",\n"all"] } }',
    3,
    /^"anonymous.allow.1" must be read, write/,
  ],
  ['{ "anonymous": { "allow": [],\n"prefix": "../x" } }', 2, /prefix" must be the name of a dir/],
  ['{ "anonymous": { "allow": [],\n"only": "x" } }', 2, /^unknown key "only"; .*allow, prefix$/],
  ['{ "clients": [] }', 1, /^"clients" must be an object with clients by their names$/],
  [
    '{ "clientCa": "a", "clients": {\n"a": 1 } }',
    2,
    /^"clients.a" must be an object with the keys/,
  ],
  [
    `{ "clients": { "a": { "commonName": "a", "allow": [] } } }`,
    1,
    /^clients are known by certificates: say with clientCa who has signed these$/,
  ],
  ['{ "maxActions": 0 }', 1, /^"maxActions" must be a whole number from 1 to 1000$/],
  ['{ "__proto__": {} }', 1, /^unknown key "__proto__"/],
];

for (const [text, line, reason] of WRONG) {
  Deno.test(`parseConfig() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseConfig(text, "/a/msquicd.jsonc"), (error) => {
      assert.ok(error instanceof InvalidConfigError);
      const start = `Cannot use /a/msquicd.jsonc, line ${line}: `;
      assert.ok(error.message.startsWith(start), error.message);
      assert.match(error.message.slice(start.length), reason);
      return true;
    });
  });
}

Deno.test("loadConfigFile() reads the file that is named, with paths from its own folder", async () => {
  const directory = await Deno.makeTempDir({ prefix: "mq-" });
  try {
    const path = join(directory, "server.jsonc");
    await assert.rejects(loadConfigFile(path), ConfigNotFoundError);
    await Deno.writeTextFile(
      path,
      JSON.stringify({
        root: "files",
        ports: [5001, 5000],
        restart: { intensity: 3 },
        overrides: { 5000: { restart: { intensity: 1 } } },
      }),
    );
    const loaded = await loadConfigFile(path);
    assert.ok(loaded);
    assert.equal(loaded.path, path);
    const config = resolveConfig(loaded.flags);
    assert.equal(config.root, join(directory, "files"));
    assert.deepEqual(config.ports, { kind: "explicit", ports: [5001, 5000] });
    assert.equal(restartPolicyOf(config, 5001).intensity, 3);
    assert.equal(restartPolicyOf(config, 5001).maxDelayMs, 30_000);
    assert.equal(restartPolicyOf(config, 5000).intensity, 1);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("mergeFlags() lets flags win over the file", () => {
  const file = { host: "::1", ports: "5000", logLevel: "debug" };
  assert.deepEqual(mergeFlags(file, { host: undefined, logLevel: "error" }), {
    host: "::1",
    ports: "5000",
    logLevel: "error",
  });
  assert.deepEqual(resolveConfig(mergeFlags(file, { workers: 2 })).ports, {
    kind: "from-base",
    base: 4433,
    count: 2,
  });
  assert.deepEqual(resolveConfig(mergeFlags({ workers: 2 }, { ports: "5000" })).ports, {
    kind: "explicit",
    ports: [5000],
  });
});
