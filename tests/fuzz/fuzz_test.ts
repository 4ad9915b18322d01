import assert from "node:assert/strict";
import { encode } from "@msgpack/msgpack";
import { frame } from "../e2e/interop_client.ts";
import { withServer } from "../fixtures/server.ts";
import { CLOSE_CODES, CODES, judge, leakIn } from "./answers.ts";
import { type Case, makeCase } from "./cases.ts";
import { quarters } from "./checks.ts";
import { tryCodec } from "./codec.ts";
import { Findings } from "./findings.ts";
import { GRANTS, mayHaveAnswer } from "./identities.ts";
import { Lane } from "./lane.ts";
import { OptionError, parseOptions } from "./options.ts";
import { Tally } from "./tally.ts";

const BAD = { revoked: "revoked", expired: "expired" };

/** Tries cases one after the other against a server of this process. @returns What was found. */
async function foundIn(cases: readonly Case[]): Promise<string[]> {
  const findings = new Findings(() => {});
  await withServer(async ({ port, certificateFile, token }) => {
    const target = { port, certificate: Deno.readTextFileSync(certificateFile) };
    const identity = { name: "owner", allow: ["admin"], token };
    const secrets = { texts: [token] };
    const tally = new Tally();
    using lane = new Lane({ target, identity, bad: BAD, secrets, findings, tally });
    for (const [index, one] of cases.entries()) await lane.try(index, one);
  });
  return [...findings.lines];
}

Deno.test("A case is made of the seed and its number alone", () => {
  for (const index of [0, 1, 17, 99_999]) {
    assert.deepEqual(makeCase(7, index), makeCase(7, index));
    assert.notDeepEqual(makeCase(7, index), makeCase(8, index));
  }
  const kinds = Array.from({ length: 500 }, (_, index) => makeCase(1, index).kind);
  assert.deepEqual([...new Set(kinds)].sort(), ["codec", "connection", "datagram", "stream"]);
});

Deno.test("The codec takes 3,000 messages that are none, in any pieces", async () => {
  let tried = 0;
  for (let index = 0; tried < 3000; index++) {
    const one = makeCase(3, index);
    if (one.kind !== "codec") continue;
    tried++;
    const { wrong } = await tryCodec(one.bytes, one.cuts);
    assert.equal(wrong, undefined, `case ${index}`);
  }
});

Deno.test("A server takes what no client of good will sends", async () => {
  const cases = Array.from({ length: 400 }, (_, index) => makeCase(5, index));
  assert.deepEqual(await foundIn(cases.filter(({ kind }) => kind !== "codec")), []);
});

Deno.test("What is wrong with answers is found", async () => {
  const error = (body: unknown) => frame(2, 3, encode(body));
  const wrong: [Uint8Array, RegExp][] = [
    [frame(2, 1, encode({}), 2), /version 2/],
    [frame(2, 0, encode({})), /the flags 0/],
    [frame(2, 9, encode({})), /the flags 9/],
    [frame(3, 1, encode({})), /another type/],
    [frame(2, 1, encode([])), /no map/],
    [frame(2, 1, encode({})).subarray(0, 5), /ends in its header/],
    [frame(2, 1, encode({ a: 1 })).subarray(0, 9), /ends in its body/],
    [error({ code: "no-such-code", message: "x" }), /not documented/],
    [error({ code: "bad-body" }), /no message/],
    [error({ code: "internal", message: "it failed" }), /The server failed/],
  ];
  for (const [bytes, reason] of wrong) assert.match(judge(bytes, 2).wrong ?? "", reason);
  assert.deepEqual(judge(frame(2, 1, encode({})), 2), { outcome: "answer" });
  assert.deepEqual(judge(error({ code: "bad-body", message: "x" }), 2), { outcome: "bad-body" });
  assert.equal(leakIn(new TextEncoder().encode("a token!"), { texts: ["token"] }), "token");
  assert.ok(CODES.has("permission-denied") && CODES.size > 30 && CLOSE_CODES.has(3));
  // And with a server, where what is expected is another thing.
  const pieces = [frame(2, 0, encode({}))];
  const plan = { pieces, end: "fin", read: "all", expect: ["bad-frame"] } as const;
  assert.match((await foundIn([{ kind: "stream", plan }])).join(), /Answered otherwise/);
});

Deno.test("What a token allows is what the protocol says", () => {
  const [reader, writer, caller, looker, nobody] = GRANTS;
  assert.ok(reader && writer && caller && looker && nobody);
  const mayAsk = (one: typeof reader) =>
    [2, 16, 17, 22, 34, 38, 0x8001].filter((type) => mayHaveAnswer(one, type));
  assert.deepEqual(mayAsk(reader), [2, 17]);
  assert.deepEqual(mayAsk(writer), [2, 16, 22]);
  assert.deepEqual(mayAsk(caller), [2, 38, 0x8001]);
  assert.deepEqual(mayAsk(looker), [2, 34]);
  assert.deepEqual(mayAsk(nobody), [2]);
});

Deno.test("Memory that goes on growing is told from memory that has levelled off", () => {
  const samples = (values: number[]) =>
    values.map((rssBytes) => ({ rssBytes, files: 1, kept: 0, pingMs: 1 }));
  assert.deepEqual(quarters(samples([1, 2, 3, 4, 5, 5, 5, 5])), [5, 5]);
  assert.deepEqual(quarters(samples([1, 2, 3, 4, 5, 6, 7, 8])), [6, 8]);
});

Deno.test("deno task fuzz takes whole numbers, and a range of cases", () => {
  assert.deepEqual(parseOptions(["--cases", "5", "--seed", "1", "--only", "2-3"]), {
    cases: 5,
    seed: 1,
    only: { first: 2, last: 3 },
  });
  for (const args of [["--cases", "x"], ["--only", "3-2"], ["--only", "1-2-3"], ["--what"]]) {
    assert.throws(() => parseOptions(args), OptionError);
  }
});
