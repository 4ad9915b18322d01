import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { join } from "node:path";
import type { TransferResult } from "../../client/mod.ts";
import { randomData, sha256 } from "../resume/bench.ts";
import { type Finished, names, Site, waitFor } from "../e2e/harness.ts";
import {
  end,
  errorOf,
  hashOf,
  makeFile,
  MIB,
  resultOf,
  roomIn,
  stagedOf,
  underWay,
} from "./moving.ts";

const SIZE = 24 * MIB;

/** So slow that a file of {@linkcode SIZE} takes two seconds. */
const SLOWLY = ["--limit-rate", "12M"];

/** What is done to a file while it is sent. */
type Change = (path: string, other: Uint8Array) => void;

const CHANGES: Readonly<Record<string, Change>> = {
  "grows": (path, other) => Deno.writeFileSync(path, other, { append: true }),
  "shrinks": (path) => Deno.truncateSync(path, 6 * MIB),
  "is replaced": (path, other) => {
    Deno.writeFileSync(`${path}.new`, other);
    Deno.renameSync(`${path}.new`, path);
  },
  "is rewritten in place": (path, other) => {
    using file = Deno.openSync(path, { write: true });
    for (let done = 0; done < other.length;) done += file.writeSync(other.subarray(done));
  },
};

async function sum(site: Site, name: string): Promise<string> {
  const [{ sha256 }] = await site.json<[{ sha256: string }]>("sum", name);
  return sha256;
}

/** What is stored has the hash that was told, by the client and by the server. */
async function checkStored(site: Site, name: string, told: TransferResult): Promise<Uint8Array> {
  const stored = await Deno.readFile(join(site.root, name));
  assert.equal(sha256(stored), told.sha256);
  assert.equal(stored.length, told.bytes);
  assert.equal(await sum(site, name), told.sha256);
  assert.equal((await site.run("verify", name)).code, 0);
  return stored;
}

Deno.test("of two writers of one name one wins, and what is stored is of one of them", async () => {
  await using site = await Site.create(2);
  const manager = await site.start();
  const token = await site.token();
  const server = (port: number) => [
    ...["--server", `127.0.0.1:${port}`, "--token", token],
    ...["--fingerprint", manager.report.fingerprint],
  ];
  const ways = [
    ...[["never", "1"], ["never", "2"], ["always", "1"], ["always", "2"]] as const,
  ];
  for (const [overwrite, streams] of ways) {
    for (const size of [40_000, SIZE]) {
      const name = `${overwrite}-${streams}-${size}`;
      const hashes = await Promise.all(["a", "b"].map((of) => makeFile(site.path(of), size)));
      const puts = await Promise.all(["a", "b"].map((of, index) =>
        site.run(
          ...["put", site.path(of), "--to", name, "--json", "--overwrite", overwrite],
          ...["--streams", streams, ...server(site.ports[index]!), ...SLOWLY],
        )
      ));
      const codes = puts.map(({ code }) => code);
      console.log(`two writers of ${name}: exit ${codes.join(" and ")}`);
      if (overwrite === "always") {
        puts.forEach((put, index) => assert.equal(resultOf(put).sha256, hashes[index]));
        assert.ok(hashes.includes(await hashOf(join(site.root, name))), "it is of neither");
        assert.ok(hashes.includes(await sum(site, name)));
      } else {
        const winner = codes.indexOf(0);
        assert.deepEqual(codes.toSorted(), [0, 6], JSON.stringify(puts));
        assert.equal(errorOf(puts[1 - winner]!, 6).code, "file-exists");
        const told = resultOf(puts[winner]!);
        assert.equal(told.sha256, hashes[winner]);
        await checkStored(site, name, told);
      }
      assert.deepEqual(stagedOf(site), []);
    }
  }
  await end(site, manager);
});

for (const streams of ["1", "2"]) {
  Deno.test(`a source that changes while it is put on ${streams} streams is stored whole, told of, or refused`, async () => {
    await using site = await Site.create(2);
    const manager = await site.start();
    const stored: string[] = [];
    for (const [title, change] of Object.entries(CHANGES)) {
      const name = title.replaceAll(" ", "-");
      const source = site.path(name);
      const before = randomData(SIZE);
      const other = randomData(SIZE);
      await Deno.writeFile(source, before);
      const args = ["put", source, "--to", name, "--json", "--streams", streams];
      const putting = site.spawn(...args, ...SLOWLY);
      await underWay(site, name, 4 * MIB);
      change(source, other);
      const put = await putting.finished;
      if (put.code !== 0) {
        const { code, message } = errorOf(put, 1);
        console.log(`a source that ${title}, ${streams} streams: ${code}: ${message}`);
        assert.ok(["size-changed", "source-changed"].includes(code), code);
        assert.ok(!names(site.root).includes(name), "something was published");
        // What was sent of it is of a file that is no more: it must be no part of what is sent now.
        assert.equal((await site.run("uploads", "rm", "--older", "0s")).code, 0);
      } else {
        const told = resultOf(put);
        const bytes = await checkStored(site, name, told);
        const whole = [before, other].some((version) => Buffer.compare(version, bytes) === 0);
        const { changed = false } = told;
        console.log(
          `a source that ${title}, ${streams} streams: ` +
            `stored ${whole ? "whole" : "as a mixture"}, told of: ${changed}`,
        );
        assert.ok(whole, "a mixture was stored");
        if (changed) assert.match(put.stderr, /was changed while it was sent/);
        stored.push(name);
      }
      const again = await site.run(...args, "--overwrite", "always");
      assert.equal(resultOf(again).sha256, await hashOf(source));
      assert.equal(await hashOf(join(site.root, name)), await hashOf(source));
    }
    assert.ok(stored.length > 0, "everything was refused");
    await end(site, manager);
  });
}

/** What is done to a file in the storage while it is fetched. */
const SERVED: Readonly<Record<string, Change>> = {
  ...CHANGES,
  "is truncated to nothing": (path) => Deno.truncateSync(path, 0),
};

for (const streams of ["1", "2"]) {
  Deno.test(`a file that changes in the storage while it is got on ${streams} streams is fetched whole, or not at all`, async () => {
    await using site = await Site.create(2);
    const manager = await site.start();
    for (const [title, change] of Object.entries(SERVED)) {
      const name = title.replaceAll(" ", "-");
      const place = join(site.root, name);
      const before = randomData(SIZE);
      const other = randomData(SIZE);
      await Deno.writeFile(place, before);
      const here = site.path("here");
      await Deno.mkdir(here);
      const target = join(here, name);
      const args = ["get", name, "-o", target, "--json", "--streams", streams];
      const getting = site.spawn(...args, ...SLOWLY);
      await waitFor("it is under way", () => roomIn(here) > 2 * MIB);
      change(place, other);
      const after = await Deno.readFile(place);
      const got = await getting.finished;
      checkFetched(got, target, [before, after], `a served file that ${title}, ${streams} streams`);
      if (got.code === 0) await Deno.remove(target);
      assert.equal(resultOf(await site.run(...args)).sha256, sha256(after));
      assert.equal(await hashOf(target), sha256(after));
      assert.deepEqual(names(here), [name]);
      await Deno.remove(here, { recursive: true });
    }
    await end(site, manager);
  });
}

function checkFetched(
  got: Finished,
  target: string,
  versions: readonly Uint8Array[],
  title: string,
): void {
  if (got.code !== 0) {
    const { error: { code, message } } = JSON.parse(got.stdout);
    console.log(`${title}: exit ${got.code}, ${code}: ${message}`);
    assert.deepEqual([got.code, code], [1, "cannot-resume"]);
    assert.match(message, /changed/);
    assert.throws(() => Deno.lstatSync(target), Deno.errors.NotFound);
    return;
  }
  const told = resultOf(got);
  const bytes = Deno.readFileSync(target);
  assert.equal(sha256(bytes), told.sha256);
  const version = versions.findIndex((version) => Buffer.compare(version, bytes) === 0);
  console.log(`${title}: fetched as it was ${["before", "afterwards"][version] ?? "never"}`);
  assert.ok(version >= 0, "a mixture was published");
}
