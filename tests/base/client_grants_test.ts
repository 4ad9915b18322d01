import assert from "node:assert/strict";
import { findClientsMistake } from "../../base/client_grants.ts";

const FINGERPRINT = "ab".repeat(32);

Deno.test("findClientsMistake() finds nothing in what is right", () => {
  const right: unknown[] = [
    {},
    { laptop: { fingerprint: FINGERPRINT, allow: [] } },
    { "ci-1": { commonName: "ci, Ours", allow: ["read", "call:*"], prefix: "ci" } },
    { a: { commonName: "a", allow: [] }, b: { commonName: "b", allow: [] } },
  ];
  for (const clients of right) assert.equal(findClientsMistake(clients), undefined);
});

Deno.test("findClientsMistake() says where something is wrong, and what is wanted there", () => {
  const good = { commonName: "a", allow: [] };
  const cases: [unknown, (string | number)[], RegExp][] = [
    [[], [], /an object with clients/],
    [null, [], /an object with clients/],
    [{ owner: good }, ["owner"], /letters, digits, dots/],
    [{ "": good }, [""], /letters, digits, dots/],
    [{ a: 1 }, ["a"], /an object with the keys allow, prefix, fingerprint, commonName/],
    [{ a: { ...good, extra: 1 } }, ["a", "extra"], /one of the keys allow, prefix/],
    [{ a: { allow: [] } }, ["a"], /known by one of fingerprint and commonName/],
    [{ a: { ...good, fingerprint: FINGERPRINT } }, ["a"], /known by one of/],
    [{ a: { commonName: "a" } }, ["a", "allow"], /a list of at most 100 scopes/],
    [{ a: { ...good, allow: ["all"] } }, ["a", "allow", 0], /read, write, delete/],
    [{ a: { ...good, prefix: "/" } }, ["a", "prefix"], /the name of a directory/],
    [{ a: { ...good, commonName: "" } }, ["a", "commonName"], /a common name/],
    [{ a: { fingerprint: "AB", allow: [] } }, ["a", "fingerprint"], /64 lower-case hexadecimal/],
    [{ a: good, b: { ...good, allow: ["read"] } }, ["b"], /known by another certificate/],
  ];
  for (const [clients, path, wanted] of cases) {
    const mistake = findClientsMistake(clients);
    assert.deepEqual(mistake?.path, path, JSON.stringify(clients));
    assert.match(mistake?.wanted ?? "", wanted);
  }
  const many = Object.fromEntries(
    Array.from(
      { length: 1001 },
      (_, index) => [`c${index}`, { commonName: `c${index}`, allow: [] }],
    ),
  );
  assert.match(findClientsMistake(many)?.wanted ?? "", /at most 1000/);
});
