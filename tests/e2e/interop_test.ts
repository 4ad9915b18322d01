import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { encode } from "@msgpack/msgpack";
import { concat } from "../../base/mod.ts";
import { Site } from "./harness.ts";
import { frame, InteropClient, parseAnswer } from "./interop_client.ts";

const [HELLO, PING, PUT, GET] = [1, 2, 16, 17] as const;
const [RESPONSE, ERROR, DATA] = [1, 2, 4] as const;

/** What a client outside of this project needs to know of a server. */
interface Known {
  port: number;
  certificate: string;
  token: string;
}

async function startServer(site: Site): Promise<Known & { pid: number }> {
  const { report } = await site.start();
  return {
    pid: report.workers[0]!.pid,
    port: report.ports[0]!,
    certificate: await Deno.readTextFile(join(site.state, "cert.pem")),
    token: await site.token(),
  };
}

async function connected({ port, certificate, token }: Known): Promise<InteropClient> {
  const client = await InteropClient.connect(port, certificate);
  const { flags, body } = await client.request(HELLO, { token, agent: "interop" });
  assert.equal(flags, RESPONSE);
  assert.equal(typeof body.session, "string");
  return client;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

Deno.test("A client of another QUIC stack pings, uploads and downloads by docs/protocol.md", async () => {
  await using site = await Site.create(1);
  const known = await startServer(site);
  using client = await connected(known);

  const pong = await client.request(PING, {});
  assert.equal(pong.type, PING);
  assert.ok(Math.abs(Number(pong.body.time) - Date.now()) < 60_000);

  const content = crypto.getRandomValues(new Uint8Array(50_000));
  const upload = concat([content, sha256(content)]);
  const put = await client.request(PUT, { name: "from/afar.bin", size: content.length }, upload);
  assert.equal(put.flags, RESPONSE);
  assert.equal(put.body.sha256, sha256(content).toHex());
  assert.deepEqual(await Deno.readFile(join(site.root, "from", "afar.bin")), content);

  const got = await client.request(GET, { name: "from/afar.bin" });
  assert.equal(got.flags, RESPONSE | DATA);
  assert.deepEqual(got.data, upload);

  const damaged = concat([content, new Uint8Array(32)]);
  const refused = await client.request(PUT, { name: "bad.bin", size: content.length }, damaged);
  assert.equal(refused.body.code, "hash-mismatch");
  await assert.rejects(Deno.stat(join(site.root, "bad.bin")), Deno.errors.NotFound);
});

Deno.test("A stranger is turned away: wrong ALPN, wrong token, no hello", async (t) => {
  await using site = await Site.create(1);
  const known = await startServer(site);

  await t.step("wrong ALPN", async () => {
    await assert.rejects(InteropClient.connect(known.port, known.certificate, "h3"));
  });

  for (
    const [what, type, body, code] of [
      ["wrong token", HELLO, { token: "x".repeat(43) }, "wrong-token"],
      ["no hello", PING, {}, "unauthenticated"],
    ] as const
  ) {
    await t.step(what, async () => {
      using client = await InteropClient.connect(known.port, known.certificate);
      const answer = await client.request(type, body);
      assert.equal(answer.flags, RESPONSE | ERROR);
      assert.equal(answer.body.code, code);
      assert.equal((await client.closed).closeCode, 3);
    });
  }
});

Deno.test("Rubbish on a stream costs that stream: an error answer, and the next request is served", async (t) => {
  await using site = await Site.create(1);
  const known = await startServer(site);
  using client = await connected(known);
  const body = encode({});
  const rubbish: Record<string, [Uint8Array, string]> = {
    "a header cut short": [Uint8Array.of(1, 0, 0), "bad-frame"],
    "another version": [frame(PING, 0, body, 9), "bad-version"],
    "unknown flags": [frame(PING, 0x80, body), "bad-frame"],
    "an answer as a request": [frame(PING, RESPONSE, body), "bad-frame"],
    "an unknown type": [frame(0x7FFF, 0, body), "unknown-type"],
    "a body that is no MessagePack": [frame(PING, 0, Uint8Array.of(0xC1)), "bad-body"],
    "a body that is no map": [frame(PING, 0, encode([1, 2])), "bad-body"],
    "a body cut short": [
      frame(PING, 0, encode({ a: "b".repeat(100) })).subarray(0, 20),
      "bad-frame",
    ],
    "a body of four gigabytes": [
      Uint8Array.of(1, 0, 0, PING, 255, 255, 255, 255),
      "body-too-large",
    ],
    "a name that leaves the root": [
      frame(GET, 0, encode({ name: "../../etc/passwd" })),
      "invalid-name",
    ],
  };
  for (const [what, [bytes, code]] of Object.entries(rubbish)) {
    await t.step(what, async () => {
      const answer = parseAnswer(await client.exchange(bytes));
      assert.equal(answer.flags, RESPONSE | ERROR);
      assert.equal(answer.body.code, code);
      assert.equal((await client.request(PING, {})).flags, RESPONSE);
    });
  }
  await t.step("the worker is still the same one", async () => {
    const { workers } = await site.json<{ workers: { pid: number; restarts: number }[] }>("status");
    assert.deepEqual(
      workers.map(({ pid, restarts }) => ({ pid, restarts })),
      [{ pid: known.pid, restarts: 0 }],
    );
  });
});
