import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { MAX_TOKENS } from "../../../base/token_grant.ts";
import { StateError } from "../../../manager/mod.ts";
import { writePrivateFile } from "../../../manager/state/private_files.ts";
import { type StoredToken, TokenStore } from "../../../manager/state/token_store.ts";
import { Sandbox } from "../fixtures/harness.ts";

const CI = {
  ...{ name: "ci", prefix: "builds/ci" },
  allow: ["read", "call:example.shout"] as const,
};
const open = (box: Sandbox) => TokenStore.open(box.state.tokensFile, box.instance);

async function prepared(): Promise<Sandbox> {
  const box = new Sandbox();
  await box.state.prepare();
  return box;
}

Deno.test("TokenStore keeps digests of tokens, never the tokens, for its owner alone", async () => {
  await using box = await prepared();
  const store = await open(box);
  assert.deepEqual(store.tokens, []);
  const { token, stored } = await store.add({ ...CI, expiresAt: 4_000_000_000_000 });
  assert.match(token, /^[A-Za-z0-9_][A-Za-z0-9_-]{42}$/);
  const { createdAt } = stored;
  assert.ok(Math.abs(createdAt - Date.now()) < 60_000);
  const digest = createHash("sha256").update(token).digest("hex");
  assert.deepEqual(stored, { ...CI, digest, expiresAt: 4_000_000_000_000, createdAt });
  const text = await Deno.readTextFile(box.state.tokensFile);
  assert.ok(!text.includes(token) && text.includes(digest));
  if (Deno.build.os !== "windows") {
    assert.equal((Deno.statSync(box.state.tokensFile).mode ?? 0) & 0o777, 0o600);
  }
  assert.deepEqual((await open(box)).tokens, [stored]);
});

Deno.test("TokenStore replaces and removes tokens by their names", async () => {
  await using box = await prepared();
  const store = await open(box);
  const first = await store.add(CI);
  const other = await store.add({ name: "backup", allow: [] });
  const second = await store.rotate("ci");
  assert.notEqual(second.token, first.token);
  assert.notEqual(second.stored.digest, first.stored.digest);
  assert.deepEqual({ ...second.stored, digest: "", createdAt: 0 }, {
    ...{ ...CI, digest: "", createdAt: 0 },
  });
  assert.deepEqual((await open(box)).tokens, [second.stored, other.stored]);
  await store.revoke("ci");
  assert.deepEqual((await open(box)).tokens, [other.stored]);
  await assert.rejects(store.revoke("ci"), { code: "no-token" });
  await assert.rejects(store.rotate("ci"), { code: "no-token" });
  await assert.rejects(store.add({ name: "backup", allow: ["read"] }), { code: "token-exists" });
  await store.add({ name: "old", allow: [], expiresAt: Date.now() - 1 });
  await assert.rejects(store.rotate("old"), { code: "token-expired" });
});

Deno.test("TokenStore loses nothing of changes that come at once, and knows of none that failed", async () => {
  await using box = await prepared();
  const store = await open(box);
  const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
  await Promise.all(names.map((name) => store.add({ name, allow: ["read"] })));
  const [kept, ...rest] = names;
  await Promise.all(rest.map((name) => store.revoke(name)));
  assert.deepEqual((await open(box)).tokens.map(({ name }) => name), [kept]);
  const twice = await Promise.allSettled([store.add(CI), store.add(CI)]);
  assert.deepEqual(twice.map(({ status }) => status), ["fulfilled", "rejected"]);
  // The place where it is kept is gone.
  const before = [...store.tokens];
  await Deno.remove(box.state.path, { recursive: true });
  await assert.rejects(store.revoke("ci"), StateError);
  assert.deepEqual(store.tokens, before);
});

Deno.test("TokenStore never takes a file that makes no sense for one without tokens", async () => {
  await using box = await prepared();
  const store = await open(box);
  const { stored } = await store.add(CI);
  const file = (...tokens: unknown[]) => JSON.stringify({ version: 1, tokens });
  const many = Array.from({ length: MAX_TOKENS + 1 }, (_, index) => ({
    ...stored,
    name: `t${index}`,
  }));
  const cases: [string, RegExp][] = [
    ["", /it is no JSON/],
    [file(stored).slice(0, -20), /it is no JSON/],
    ["[]", /no list of tokens of this version/],
    [JSON.stringify({ version: 2, tokens: [] }), /of this version/],
    [JSON.stringify({ version: 1 }), /no list of tokens/],
    [file(...many), /more than 1000/],
    [file(stored, stored), /two have the same name/],
    [file(stored, { ...stored, name: "other" }), /two have the same digest/],
    [file({ ...stored, name: "owner" }), /number 1 of them makes no sense/],
    [file({ ...stored, name: "-x" }), /makes no sense/],
    [file({ ...stored, digest: "00" }), /makes no sense/],
    [file({ ...stored, allow: ["everything"] }), /makes no sense/],
    [file({ ...stored, allow: undefined }), /makes no sense/],
    [file({ ...stored, expiresAt: "2030" }), /makes no sense/],
    [file({ ...stored, prefix: "../up" }), /makes no sense/],
    [file({ ...stored, prefix: "" }), /makes no sense/],
    [file({ ...stored, createdAt: undefined }), /makes no sense/],
    // What is not known could be what limits it.
    [file(stored, { ...stored, name: "b", onlyFrom: "10.0.0.1" }), /number 2 of them/],
    [file(null), /makes no sense/],
  ];
  for (const [text, message] of cases) {
    await writePrivateFile(box.state.tokensFile, text);
    await assert.rejects(open(box), (error) => {
      assert.ok(error instanceof StateError && error.code === "unusable-state", text);
      assert.match(error.message, message);
      assert.match(error.message, /tokens\.json".*remove the file to revoke all tokens but/);
      return true;
    });
    assert.equal(await Deno.readTextFile(box.state.tokensFile), text, "it was changed");
  }
});

Deno.test("TokenStore has a bound, and reads back what is at it", async () => {
  await using box = await prepared();
  const tokens: StoredToken[] = Array.from({ length: MAX_TOKENS }, (_, index) => ({
    ...{ name: `t${index}`, allow: ["read", "write", "delete"], createdAt: 0 },
    digest: index.toString(16).padStart(64, "0"),
  }));
  await writePrivateFile(box.state.tokensFile, JSON.stringify({ version: 1, tokens }));
  const store = await open(box);
  assert.equal(store.tokens.length, MAX_TOKENS);
  await assert.rejects(store.add(CI), { code: "too-many-tokens" });
  await store.revoke("t7");
  await store.add(CI);
  assert.equal((await open(box)).tokens.length, MAX_TOKENS);
  // Few, that allow much.
  const allow = Array.from(
    { length: 100 },
    (_, index) => `call:${"x".repeat(100)}.${index}` as const,
  );
  await store.revoke("ci");
  for (let index = 0; index < 100; index++) await store.revoke(`t${index + 10}`);
  const full = async () => {
    for (let index = 0; index < 100; index++) await store.add({ name: `long${index}`, allow });
  };
  await assert.rejects(full(), { code: "too-many-tokens" });
  assert.deepEqual((await open(box)).tokens, store.tokens);
});
