import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { concat } from "../../../base/mod.ts";
import type { Scope } from "../../../base/scopes.ts";
import { auditTo } from "../../../log/mod.ts";
import { MessageType } from "../../../protocol/mod.ts";
import { Identity } from "../../../worker/rights/identity.ts";
import { SessionBench } from "../fakes.ts";

const { fileDelete, fileGet, filePut, ping } = MessageType;

type Line = Record<string, unknown>;

/** Runs `test` as a client with a token "ci", and returns what was written down meanwhile. */
async function auditOf(
  allow: Scope[],
  test: (bench: SessionBench) => Promise<void>,
): Promise<Line[]> {
  const lines: Line[] = [];
  await using bench = await SessionBench.open();
  const identity = new Identity({ kind: "token", name: "ci", allow });
  Object.defineProperty(bench.session, "identity", { value: identity, configurable: true });
  using _place = auditTo((text) => void lines.push(JSON.parse(text)));
  await test(bench);
  return lines;
}

function put({ connection }: SessionBench, name: string, more = {}) {
  const data = new TextEncoder().encode("content");
  const raw = concat([data, createHash("sha256").update(data).digest()]);
  return connection.request(filePut, { name, size: data.length, ...more }, raw).answer();
}

Deno.test("What clients change is written down: who, from where, what, and with which result", async () => {
  let session = "";
  const lines = await auditOf(["write", "delete", "read"], async (bench) => {
    session = bench.session.id;
    await put(bench, "a.txt");
    await put(bench, "a.txt");
    await bench.connection.request(fileGet, { name: "a.txt" }).answer();
    await bench.connection.request(ping, {}).answer();
    await bench.connection.request(fileDelete, { name: "a.txt" }).answer();
    await bench.connection.request(fileDelete, { name: "odd\nname" }).answer();
  });
  const [first] = lines;
  const { time, peer, ...rest } = first ?? {};
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  assert.match(String(peer), /:\d+$/);
  assert.deepEqual(rest, {
    ...{ event: "file.put", result: "ok", session, kind: "token", identity: "ci" },
    target: "a.txt",
    ...(rest.agent === undefined ? {} : { agent: rest.agent }),
  });
  assert.deepEqual(lines.map(({ event, result, target }) => [event, result, target]), [
    ["file.put", "ok", "a.txt"],
    ["file.put", "file-exists", "a.txt"],
    ["file.delete", "ok", "a.txt"],
    ["file.delete", "invalid-name", "odd\nname"],
  ]);
});

Deno.test("What clients are refused is written down, and a flood of it only in part", async () => {
  const lines = await auditOf(["read"], async (bench) => {
    for (let i = 0; i < 300; i++) {
      await bench.connection.request(fileDelete, { name: "b.txt" }).answer();
    }
  });
  assert.ok(lines.length > 0 && lines.length <= 20, `${lines.length} lines`);
  const [{ event, result, identity } = {}] = lines;
  assert.deepEqual([event, result, identity], ["file.delete", "permission-denied", "ci"]);
});
