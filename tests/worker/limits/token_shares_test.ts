import assert from "node:assert/strict";
import { TokenShares } from "../../../worker/limits/token_shares.ts";

const ADA = { kind: "token", name: "ada" } as const;
const BOB = { kind: "token", name: "bob" } as const;
const NONE = {
  connectionsPerToken: 2,
  requestsPerSecondPerToken: 0,
  bytesPerSecondPerToken: 0,
};

Deno.test("TokenShares bounds the clients of each token, and not of another", () => {
  const shares = new TokenShares(NONE);
  const [one, two, three] = [{}, {}, {}];
  shares.enter(one, ADA);
  shares.enter(two, ADA);
  const refused = { code: "limit-reached", message: /2 clients of this token/, retryAfterMs: 2000 };
  assert.throws(() => shares.enter(three, ADA), refused);
  shares.leave(three);
  assert.throws(() => shares.enter(three, ADA), refused);
  shares.enter(three, BOB);
  shares.leave(one);
  shares.leave(one);
  shares.enter({}, ADA);
  assert.throws(() => shares.enter({}, ADA), refused);
});

Deno.test("TokenShares has all clients of a token take from one bucket, whoever comes back", () => {
  const shares = new TokenShares({ ...NONE, requestsPerSecondPerToken: 10 });
  const [one, two] = [{}, {}];
  const { requests } = shares.enter(one, ADA);
  const again = shares.enter(two, ADA);
  assert.ok(requests);
  assert.equal(again.requests, requests);
  assert.equal(shares.enter({}, BOB).bytes, undefined);
  shares.leave(one);
  shares.leave(two);
  assert.equal(shares.enter({}, ADA).requests, requests);
});

Deno.test("TokenShares forgets tokens that nobody has, when there are many", () => {
  const shares = new TokenShares({ ...NONE, bytesPerSecondPerToken: 1000 });
  const kept = shares.enter({}, ADA);
  const client = {};
  const gone = shares.enter(client, BOB);
  shares.leave(client);
  for (let at = 0; at < 1000; at++) {
    shares.enter(client, { kind: "token", name: String(at) });
    shares.leave(client);
  }
  assert.equal(shares.enter({}, ADA).bytes, kept.bytes);
  assert.notEqual(shares.enter({}, BOB).bytes, gone.bytes);
});
