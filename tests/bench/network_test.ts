import assert from "node:assert/strict";
import type { Line } from "../../bench/line.ts";
import { prefixFor } from "../../bench/network/open_network.ts";
import { blocksFor, PATHS } from "../../bench/network/paths.ts";
import { pictureOf } from "../../bench/network/picture.ts";
import { merge, type Results } from "../../bench/results.ts";

function line(name: string, rounds: number[]): Line {
  return {
    name,
    title: name,
    unit: "Mbit/s",
    better: "more",
    entries: [{ who: "msquicd", rounds }],
  };
}

function results(date: string, only: string[], lines: Line[]): Results {
  return { date: new Date(date), options: { only }, lines, skipped: [] } as unknown as Results;
}

Deno.test("merge() keeps what was not measured, and dates what was measured by itself", () => {
  const before = results("2026-01-01", [], [line("upload", [1]), line("idle", [2])]);
  const now = results("2026-01-02", ["idle"], [line("idle", [3]), line("network-x", [4])]);
  const merged = merge(before, now);
  assert.equal(merged.date, before.date);
  assert.deepEqual(merged.lines.map(({ name, entries }) => [name, entries[0]?.rounds[0]]), [
    ["upload", 1],
    ["idle", 3],
    ["network-x", 4],
  ]);
  assert.deepEqual(merged.lines.map(({ measured }) => measured?.slice(0, 10)), [
    undefined,
    "2026-01-02",
    "2026-01-02",
  ]);
  const all = merge(merged, results("2026-01-03", [], [line("upload", [5]), line("idle", [6])]));
  assert.deepEqual(all.lines.map(({ name }) => name), ["upload", "idle", "network-x"]);
  assert.equal(all.date.toISOString().slice(0, 10), "2026-01-03");
});

Deno.test("pictureOf() draws the paths that were measured, with their figures", () => {
  assert.equal(pictureOf([line("upload", [1])]), undefined);
  const picture = pictureOf([line("network-put-50ms-0.1-500", [250]), line("upload", [1])])!;
  for (const text of ["put, 500 Mbit/s", "50 ms, 0.1 %", ">250<", ">msquicd<"]) {
    assert.ok(picture.includes(text), text);
  }
  assert.ok(!picture.includes("get, 500"));
});

Deno.test("prefixFor() has the network go before who has real-time priority, and only then", () => {
  const stat = (priority: number) =>
    `7 (a (b) c) S ${Array.from({ length: 36 }, (_, i) => i).join(" ")} ${priority} 2 0`;
  assert.deepEqual(prefixFor(stat(0)), []);
  assert.deepEqual(prefixFor(stat(5)), ["chrt", "-r", "6"]);
});

Deno.test("Paths have names of their own, queues, and blocks that fill them", () => {
  assert.equal(new Set(PATHS.map(({ name }) => name)).size, PATHS.length);
  for (const path of PATHS) {
    assert.ok(path.queueMs >= 5, path.name);
    const bytes = blocksFor(path) * 2 ** 20;
    assert.ok(bytes * 8 / 1e3 >= path.rateMbit * (path.rttMs + path.queueMs), path.name);
  }
});
