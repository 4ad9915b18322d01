import assert from "node:assert/strict";
import { join } from "node:path";
import { mayMount, mountMemory } from "../fixtures/mounts.ts";
import { type Finished, names, type Running, Site, sizeOf, waitFor } from "../e2e/harness.ts";
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
  waitForNothingStaged,
} from "./moving.ts";

/** So slow that there is time to do something meanwhile. */
const SLOWLY = ["--limit-rate", "12M"];

/** Fills a disk to the last byte. @returns How many there were. */
async function fill(path: string): Promise<number> {
  const block = new Uint8Array(64 * 1024);
  using file = await Deno.create(path);
  for (let filled = 0;;) {
    try {
      filled += file.writeSync(block);
    } catch (error) {
      assert.match(String(error), /No space left/);
      return filled;
    }
  }
}

/** Writes what comes of another program, whose size nobody knows. */
function putStream(site: Site, source: string, name: string): Running {
  const words = site.commandLine("put", "-", "--to", name, "--json", ...SLOWLY);
  return site.spawnProgram("sh", ["-c", 'cat "$FROM" | "$@"', "sh", ...words], {
    env: { ...site.env, FROM: source },
  });
}

function report(title: string, { code, stdout }: Finished): void {
  const answer = JSON.parse(stdout);
  const { error, bytes, streams } = Array.isArray(answer) ? answer[0] : answer;
  const text = error === undefined ? `${bytes} bytes, ${streams} streams` : error.message;
  console.log(`${title}: exit ${code}, ${text}`);
}

Deno.test({
  name: "a server's disk of 64 MiB that fills up refuses what does not fit, and goes on afterwards",
  ignore: !mayMount,
  async fn(t) {
    await using site = await Site.create(2);
    await using disk = await mountMemory(site.root, "size=64m");
    if (disk === undefined) return console.log("Nothing may be mounted here");
    const manager = await site.start();
    const source = (name: string) => site.path(name);
    const token = await site.token();
    const { fingerprint } = manager.report;
    await makeFile(source("small"), 100_000);
    const kept = await makeFile(source("kept"), 2 * MIB);
    resultOf(await site.run("put", source("kept"), "--json"));
    await makeFile(source("large"), 80 * MIB);
    await makeFile(source("half"), 40 * MIB);
    await makeFile(source("medium"), 20 * MIB);
    const half = source("half");
    const filler = join(site.root, "filler");

    /** Nothing has come of it, and all else is as before. */
    const check = async () => {
      await waitForNothingStaged(site);
      assert.deepEqual(await site.json("uploads"), []);
      assert.deepEqual(names(site.root), [".msquicd", "kept"]);
      assert.equal(await hashOf(join(site.root, "kept")), kept);
      resultOf(await site.run("put", source("small"), "--json"));
      assert.equal(await hashOf(join(site.root, "small")), await hashOf(source("small")));
      assert.equal((await site.run("rm", "small")).code, 0);
    };

    for (const streams of [[], ["--streams", "2"]]) {
      await t.step(`a file that is larger, ${streams.join(" ") || "as a whole"}`, async () => {
        const putting = site.spawn("put", source("large"), "--json", ...SLOWLY, ...streams);
        let most = 0;
        const watching = setInterval(() => {
          for (const name of stagedOf(site)) {
            most = Math.max(most, sizeOf(join(site.root, ".msquicd/uploads", name)));
          }
        }, 5);
        const put = await putting.finished.finally(() => clearInterval(watching));
        const { code, missingBytes = 0 } = errorOf(put, 7);
        assert.equal(code, "no-space");
        assert.ok(missingBytes > 18 * MIB && missingBytes < 24 * MIB, `${missingBytes}`);
        assert.ok(most < 80_000, `${most} bytes were staged`);
        report("larger than the disk", put);
        await check();
      });
    }

    await t.step("two at once that fit singly, on two workers", async () => {
      const puts = await Promise.all(site.ports.map(async (port, index) => {
        const server = ["--server", `127.0.0.1:${port}`, "--fingerprint", fingerprint];
        const args = ["put", half, "--to", `half-${index}`, "--json", "--token", token];
        const since = performance.now();
        const finished = await site.spawn(...args, ...server, ...SLOWLY).finished;
        return { finished, ms: performance.now() - since };
      }));
      for (const { finished } of puts) report("two at once", finished);
      const [lost, won] = puts.toSorted((a, b) => b.finished.code - a.finished.code);
      assert.equal(errorOf(lost!.finished, 7).code, "no-space");
      assert.equal(resultOf(won!.finished).sha256, await hashOf(half));
      assert.ok(lost!.ms < won!.ms - 1000, `refused after ${lost!.ms} ms of ${won!.ms}`);
      const stored = names(site.root).filter((name) => name.startsWith("half-"));
      assert.equal(stored.length, 1);
      assert.equal(await hashOf(join(site.root, stored[0]!)), await hashOf(half));
      assert.equal((await site.run("rm", stored[0]!)).code, 0);
      await check();
    });

    await t.step("a stream that overruns", async () => {
      const put = await putStream(site, source("large"), "stream").finished;
      assert.equal(errorOf(put, 7).code, "no-space");
      report("stream", put);
      await check();
    });

    await t.step("somebody else fills the disk amid a stream", async () => {
      const putting = putStream(site, half, "stream");
      await underWay(site, "stream", 4 * MIB);
      await fill(filler);
      const put = await putting.finished;
      assert.equal(errorOf(put, 7).code, "no-space");
      report("stream onto a disk that others fill", put);
      // What was received of it has made room.
      await waitForNothingStaged(site);
      await fill(filler);
      for (const name of ["kept", "small"]) {
        const refused = await site.run("put", source(name), "--to", "other", "--json");
        report(`${name} onto a full disk`, refused);
        assert.equal(errorOf(refused, 7).code, "no-space");
      }
      await Deno.remove(filler);
      await check();
    });

    await t.step("somebody else fills the disk amid a file, which has its room", async () => {
      const putting = site.spawn("put", source("medium"), "--json", ...SLOWLY);
      await underWay(site, "medium", 4 * MIB);
      const filled = await fill(filler);
      assert.ok(filled < 44 * MIB, `${filled} bytes were free`);
      const put = await putting.finished;
      report("file onto a disk that others fill", put);
      assert.equal(resultOf(put).sha256, await hashOf(source("medium")));
      assert.equal(await hashOf(join(site.root, "medium")), await hashOf(source("medium")));
      await Deno.remove(filler);
      assert.equal((await site.run("rm", "medium")).code, 0);
      await check();
    });
    await end(site, manager);
  },
});

Deno.test({
  name:
    "a client's disk of 64 MiB has room for a get that is under way, and refuses one at once where it is full",
  ignore: !mayMount,
  async fn() {
    await using site = await Site.create(2);
    const here = site.path("here");
    await using disk = await mountMemory(here, "size=64m");
    if (disk === undefined) return console.log("Nothing may be mounted here");
    const manager = await site.start();
    const sha256 = await makeFile(join(site.root, "file"), 40 * MIB);
    const [filler, target] = [join(here, "filler"), join(here, "file")];
    for (const streams of ["1", "2"]) {
      const args = ["get", "file", "-o", target, "--streams", streams, "--json"];
      const getting = site.spawn(...args, ...SLOWLY);
      await waitFor("it is under way", () => roomIn(here) > 4 * MIB);
      const filled = await fill(filler);
      assert.ok(filled <= 24 * MIB, `${filled} bytes were free`);
      const got = await getting.finished;
      report("get onto a disk that others fill", got);
      assert.equal(resultOf(got).sha256, sha256);
      await Deno.remove(target);
      await fill(filler);
      const refused = await site.run(...args);
      report("get onto a full disk", refused);
      const { code, missingBytes = 0 } = errorOf(refused, 7);
      assert.deepEqual([code, missingBytes], ["no-space", 40 * MIB]);
      assert.deepEqual(names(here), ["filler"]);

      await Deno.remove(filler);
      const again = await site.run(...args);
      report("again, with room", again);
      const { streams: used, sha256: told } = resultOf(again);
      assert.deepEqual([used, told], [Number(streams), sha256]);
      assert.equal(await hashOf(target), sha256);
      assert.deepEqual(names(here), ["file"]);
      await Deno.remove(target);
    }
    await end(site, manager);
  },
});
