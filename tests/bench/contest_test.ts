import assert from "node:assert/strict";
import { makeCertificate } from "../../bench/certificate.ts";
import { contest } from "../../bench/contest.ts";
import type { BenchContext } from "../../bench/context.ts";

const SIZE = 300_000;

for (const job of ["upload", "download", "put", "get"] as const) {
  Deno.test(`contest() has every contestant do the job: ${job}`, async () => {
    const directory = await Deno.makeTempDir({ prefix: "msquicd-bench-test-" });
    try {
      const skipped: string[] = [];
      const context: BenchContext = {
        options: { rounds: 2, only: [], sizes: { memory: SIZE, file: SIZE } },
        directory,
        certificate: await makeCertificate(directory),
        signal: new AbortController().signal,
        note() {},
        skip: (what, reason) => void skipped.push(`${what}: ${reason}`),
      };
      const [line] = await contest({
        ...{ job, title: job, unit: "Gbit/s", better: "more" },
        moves: job === "put" || job === "get" ? "file" : "memory",
      }).run(context);
      assert.deepEqual(skipped, []);
      assert.deepEqual(line?.entries.map(({ who }) => who), ["msquicd", "Deno QUIC"]);
      for (const { rounds } of line?.entries ?? []) {
        assert.equal(rounds.length, 2);
        assert.ok(rounds.every((value) => value > 0));
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
