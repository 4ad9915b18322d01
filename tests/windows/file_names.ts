import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join, relative, sep } from "node:path";
import { InteropClient } from "../e2e/interop_client.ts";
import { BAD_NAMES, GOOD_NAMES } from "./file_name_table.ts";
import { Server } from "./server.ts";
import type { Stage } from "./stage.ts";

// As docs/protocol.md has them.
const TYPE = { hello: 1, put: 16, get: 17, list: 18, stat: 19, delete: 20 } as const;
const TRAILER_BYTES = 32;

/**
 * Sends every name of the table to a Windows server, by a client that looks at none of them itself.
 */
export async function fileNames({ site, transcript, windows }: Stage): Promise<void> {
  const server = await Server.start(windows, site, "names");
  const { ports, fingerprint } = server.report;
  assert.match(fingerprint, /^[0-9a-f]{64}$/);
  const certificate = Deno.readTextFileSync(join(server.state, "cert.pem"));
  const client = await InteropClient.connect(ports[0] ?? 0, certificate);
  await client.request(TYPE.hello, { token: server.token });

  await transcript.check("names that every system can have", async () => {
    for (const name of GOOD_NAMES) await store(client, name);
    assert.deepEqual(filesIn(server.root), [...GOOD_NAMES].sort());
    const { body } = await client.request(TYPE.list, {});
    const listed = (body.entries as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(listed.sort(), [...GOOD_NAMES].sort());
    for (const name of GOOD_NAMES) await fetch(client, name);
    return `${GOOD_NAMES.length} stored, listed and fetched under just these names`;
  });

  await transcript.check("names that Windows would misunderstand", async () => {
    const before = filesIn(server.root);
    for (const name of BAD_NAMES) await assertRefused(client, name);
    assert.deepEqual(filesIn(server.root), before);
    return `${BAD_NAMES.length} refused by put, get, stat and delete; no file made`;
  });

  await transcript.check("upper and lower case", async () => {
    const { body } = await put(client, "A.TXT");
    assert.equal(body.code, "file-exists");
    return 'to Windows, "A.TXT" is "a.txt", and is there already';
  });

  await transcript.check("removal", async () => {
    for (const name of GOOD_NAMES) {
      const { body } = await client.request(TYPE.delete, { name });
      assert.deepEqual(body, { name });
    }
    assert.deepEqual(filesIn(server.root), []);
    assert.deepEqual(Array.from(Deno.readDirSync(server.root), ({ name }) => name), [".msquicd"]);
    return "all files, and the directories that became empty";
  });
  client[Symbol.dispose]();
  await server.shutdown();
  server.assertTidy();
}

function put(client: InteropClient, name: string) {
  const content = new TextEncoder().encode(`This is ${name}`);
  const body = { name, size: content.length };
  return client.request(TYPE.put, body, Buffer.concat([content, sha256(content)]));
}

async function store(client: InteropClient, name: string): Promise<void> {
  const { body } = await put(client, name);
  assert.equal(body.name, name, JSON.stringify({ name, body }));
}

async function fetch(client: InteropClient, name: string): Promise<void> {
  const { data } = await client.request(TYPE.get, { name });
  const content = new TextDecoder().decode(data.subarray(0, -TRAILER_BYTES));
  assert.equal(content, `This is ${name}`);
}

async function assertRefused(client: InteropClient, name: string): Promise<void> {
  const answers = [await put(client, name)];
  for (const type of [TYPE.get, TYPE.stat, TYPE.delete]) {
    answers.push(await client.request(type, { name }));
  }
  const codes = answers.map(({ body }) => body.code);
  assert.deepEqual(codes, Array(4).fill("invalid-name"), JSON.stringify(name));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

/** All files in a storage, except for the server's own, by their names. */
function filesIn(root: string, directory = root): string[] {
  return Array.from(Deno.readDirSync(directory)).flatMap(({ name, isDirectory }) => {
    const path = join(directory, name);
    if (isDirectory) return name === ".msquicd" ? [] : filesIn(root, path);
    return relative(root, path).replaceAll(sep, "/");
  }).sort();
}
