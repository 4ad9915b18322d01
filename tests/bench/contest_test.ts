import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { makeCertificate } from "../../bench/certificate.ts";
import { contest } from "../../bench/contest.ts";
import { type ContestantName, CONTESTANTS } from "../../bench/contestants/mod.ts";
import { buildQuicGo } from "../../bench/contestants/quic_go/build.ts";
import type { BenchContext } from "../../bench/context.ts";
import type { JobName } from "../../bench/jobs.ts";

const SIZE = 300_000;

for (const job of ["upload", "download", "put", "get"] as const) {
  Deno.test(`contest() has every contestant of Deno do the job: ${job}`, async () => {
    await compete(job, ["msquicd", "deno"]);
  });
}

const goMissing = spawnSync("go", ["version"]).status !== 0;

for (const job of ["upload", "download"] as const) {
  Deno.test({
    name: `contest() has quic-go do the job: ${job} (needs Go)`,
    ignore: goMissing,
    fn: () => compete(job, ["go"]),
  });
}

Deno.test({
  name: "contest() has quic-go do the jobs that take fixed times (needs Go)",
  ignore: goMissing,
  async fn() {
    await buildQuicGo(); // all at once would build it three times
    // Nobody looks at the figures, so they may disturb each other.
    const jobs = ["requests", "latency", "handshakes"] as const;
    await Promise.all(jobs.map((job) => compete(job, ["go"])));
  },
});

async function compete(job: JobName, contestants: ContestantName[]): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-bench-test-" });
  try {
    const skipped: string[] = [];
    const context: BenchContext = {
      options: {
        ...{ rounds: 1, only: [], sizes: { memory: SIZE, file: SIZE, upload: SIZE } },
        network: { paths: [], full: false, seconds: 1, rounds: 1 },
      },
      directory,
      certificate: await makeCertificate(directory),
      signal: new AbortController().signal,
      note() {},
      skip: (what, reason) => void skipped.push(`${what}: ${reason}`),
    };
    const [line] = await contest({
      ...{ name: job, job, title: job, unit: "Gbit/s", better: "more", contestants },
      moves: job === "put" || job === "get" ? "file" : "memory",
    }).run(context);
    assert.deepEqual(skipped, []);
    const entries = line?.entries ?? [];
    assert.deepEqual(entries.map(({ who }) => who), contestants.map((name) => CONTESTANTS[name]));
    for (const { rounds } of entries) {
      assert.equal(rounds.length, 1);
      assert.ok(rounds.every((value) => value > 0));
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
