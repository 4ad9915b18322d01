import assert from "node:assert/strict";
import { forEachItem, isFatal, type Place } from "../../../cli/files/batch.ts";
import { BatchError, InterruptedError } from "../../../cli/errors.ts";
import { Output } from "../../../cli/text/output.ts";
import { inOrder } from "../../../base/mod.ts";
import { NoServerError } from "../../../client/errors.ts";
import { ConnectError } from "../../../ffi/mod.ts";
import { ApplicationError, RemoteError } from "../../../protocol/mod.ts";
import { LOST, Net, request } from "../../client/fake_net.ts";
import { collector } from "../collector.ts";

const ITEMS = [{ name: "a" }, { name: "b" }, { name: "c" }];

function silent(json = true) {
  const stderr = collector();
  return { stderr, output: new Output({ json, stdout: collector(), stderr }) };
}

Deno.test("forEachItem() returns the results in order", async () => {
  const { output } = silent();
  const results = await forEachItem(ITEMS, output, ({ name }) => Promise.resolve(name));
  assert.deepEqual(results, ["a", "b", "c"]);
});

Deno.test("forEachItem() goes on after one failure and reports it", async () => {
  const { output, stderr } = silent();
  const run = ({ name }: { name: string }) =>
    name === "b"
      ? Promise.reject(new RemoteError("file-exists", "A file of this name exists"))
      : Promise.resolve(name);
  await assert.rejects(forEachItem(ITEMS, output, run), (error) => {
    assert.ok(error instanceof BatchError);
    assert.equal(error.code, "file-exists");
    assert.deepEqual(error.results, ["a", "c"]);
    assert.deepEqual(error.failures.map((failure) => failure.name), ["b"]);
    return true;
  });
  assert.match(stderr.text, /A file of this name exists/);
});

Deno.test("forEachItem() stops where every further item would fail too", async () => {
  const { output } = silent();
  const seen: string[] = [];
  const run = ({ name }: { name: string }) => {
    seen.push(name);
    return Promise.reject(new InterruptedError());
  };
  await assert.rejects(forEachItem(ITEMS, output, run), { code: "interrupted" });
  assert.deepEqual(seen, ["a"]);
});

Deno.test("forEachItem() throws a single item's failure as it is", async () => {
  const { output } = silent();
  const failure = new RemoteError("not-found", "No such file");
  const run = () => Promise.reject(failure);
  await assert.rejects(forEachItem([{ name: "a" }], output, run), (error) => error === failure);
});

Deno.test("forEachItem() does light items at once, tells of them in order, and heavy ones alone", async () => {
  const { output } = silent();
  const items = Array.from({ length: 200 }, (_, i) => ({ name: `${i}`, heavy: i % 90 === 50 }));
  let [underWay, most] = [0, 0];
  const told: string[] = [];
  const run = async ({ name, heavy }: { name: string; heavy: boolean }) => {
    most = Math.max(most, ++underWay);
    const alone = underWay === 1;
    // The later of them are done first.
    for (let turns = 100 - Number(name) % 100; turns > 0; turns--) await Promise.resolve();
    if (heavy) assert.ok(alone && underWay === 1, `${name} was not alone`);
    underWay--;
    return name;
  };
  const results = await forEachItem(items, output, run, {
    isLight: ({ heavy }) => !heavy,
    onDone: (name) => void told.push(name),
  });
  assert.deepEqual(results, items.map(({ name }) => name));
  assert.deepEqual(told, results);
  assert.ok(most > 16, `${most} at once`);
});

Deno.test("forEachItem() begins no light item after one that failed for all, and says it once", async () => {
  const { output, stderr } = silent();
  const items = Array.from({ length: 500 }, (_, i) => ({ name: `${i}` }));
  let begun = 0;
  const run = async ({ name }: { name: string }) => {
    begun++;
    await Promise.resolve();
    if (Number(name) >= 100) throw new InterruptedError();
    return name;
  };
  const all = forEachItem(items, output, run, { isLight: () => true });
  await assert.rejects(all, (error) => {
    assert.ok(error instanceof BatchError);
    assert.equal(error.code, "interrupted");
    assert.equal(error.results.length, 100);
    assert.equal(error.results.length + error.failures.length, begun);
    return true;
  });
  assert.ok(begun < 300, `${begun} were begun`);
  assert.equal(stderr.text, "");
});

Deno.test("forEachItem() counts what it does not keep without --json, of more items than can be looked for at once", async () => {
  const { output, stderr } = silent(false);
  const count = 25_000;
  let found = 0;
  async function* find() {
    for (; found < count; found++) yield { name: `${found}` };
    await Promise.resolve();
  }
  const known = new Set<number | undefined>();
  const run = ({ name }: { name: string }, place: Place) => {
    assert.equal(place.index, Number(name));
    if (place.index === 0) assert.ok(found < count, "All were looked for first");
    known.add(place.count);
    return place.index % 5000 === 0
      ? Promise.reject(new RemoteError("file-exists", `"${name}" exists\u001b[31m`))
      : Promise.resolve(name);
  };
  const all = forEachItem(find(), output, run, { isLight: () => true });
  await assert.rejects(all, (error) => {
    assert.ok(error instanceof BatchError);
    assert.match(error.message, /^24995 of 25000 done, 5 failed: "0" exists/);
    assert.deepEqual([error.results, error.failures], [[], []]);
    return true;
  });
  assert.deepEqual([...known], [undefined, count]);
  assert.equal(stderr.text.split("\n").length, 6);
  assert.ok(!stderr.text.includes("\x1b"), "What steers a terminal");
});

Deno.test("forEachItem() lets what ends all decide, also when an item had failed before, and keeps what was done", async () => {
  const lost = new NoServerError("No server answers", []);
  const refused = new RemoteError("file-exists", "A file of this name exists");
  async function* find() {
    for (let index = 0; index < 40; index++) yield { name: `${index}` };
    await Promise.reject(lost);
  }
  const run = ({ name }: { name: string }) =>
    name === "3" ? Promise.reject(refused) : Promise.resolve(name);
  async function* together(items: AsyncIterable<{ name: string }>) {
    for await (const file of inOrder(items, 3, (item) => Promise.resolve(item))) {
      yield file.name === "3" ? { file, error: refused } : { file, result: file.name };
    }
  }
  for (
    const options of [{}, { isLight: () => true }, { isLight: () => true, runLight: together }]
  ) {
    const { output, stderr } = silent();
    const told: string[] = [];
    const onDone = (name: string) => void told.push(name);
    await assert.rejects(forEachItem(find(), output, run, { ...options, onDone }), (error) => {
      assert.ok(error instanceof BatchError);
      assert.deepEqual([error.code, error.cause], ["connect-failed", lost]);
      assert.match(error.message, /^39 done, 1 failed: No server answers/);
      assert.deepEqual(error.results, told);
      return true;
    });
    assert.equal(told.length, 39);
    assert.match(stderr.text, /A file of this name exists/);
  }
});

Deno.test("forEachItem() throws what ends all as it is when nothing was begun", async () => {
  const lost = new NoServerError("No server answers", []);
  const find = async function* () {
    await Promise.reject(lost);
    yield { name: "a" };
  };
  const run = ({ name }: { name: string }) => Promise.resolve(name);
  await assert.rejects(forEachItem(find(), silent().output, run), (error) => error === lost);
});

Deno.test("What a client meets that has no server any more is a failure of all items", async () => {
  const { ended, protocol, revoked, unauthenticated } = ApplicationError;
  const ends = [ended, protocol, revoked, unauthenticated].map((errorCode) => ({
    ...{ by: "peer", errorCode, status: 0, message: "closed by the peer" } as const,
  }));
  for (const end of ends) {
    const net = new Net();
    net.up(1);
    const roaming = await net.roam([1]);
    net.to(1).connection.end(end);
    await roaming.ended;
    await assert.rejects(request(roaming), (error) => isFatal(error));
    await roaming.close();
  }
  const refusals = [
    ...(["wrong-fingerprint", "bad-certificate"] as const)
      .map((code) => new ConnectError(code, 1, "Not the one that is trusted")),
    ...["wrong-token", "too-many-attempts", "session-ended"]
      .map((code) => new RemoteError(code, "Server does not let the client in")),
  ];
  for (const refusal of refusals) {
    const net = new Net();
    net.up(1);
    const roaming = await net.roam([1]);
    net.refuses.set(1, refusal);
    net.to(1).connection.end(LOST);
    await assert.rejects(request(roaming), (error) => error === refusal && isFatal(error));
    await roaming.close();
  }
});
