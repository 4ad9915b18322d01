import assert from "node:assert/strict";
import { join } from "node:path";
import { concat } from "../../base/mod.ts";
import { connect } from "../../client/mod.ts";
import { names, sizeOf, waitFor } from "../e2e/harness.ts";
import { MIB, newId, randomData, ResumeBench } from "./bench.ts";
import { testWithZstandard } from "../fixtures/zstandard.ts";

testWithZstandard(
  "What is interrupted goes on at any byte of the file, with another compression, too",
  async () => {
    await using bench = await ResumeBench.open();
    const { address } = await bench.serve();
    const data = concat([randomData(2 * MIB), new Uint8Array(2 * MIB).fill(65)]);
    const id = newId();
    const staging = join(bench.root, ".msquicd", "uploads");
    const stored = () => Math.max(0, ...names(staging).map((name) => sizeOf(join(staging, name))));
    const access = { server: address, ...bench.access, failover: false };
    for (const compress of ["zstd", "none", "zstd"] as const) {
      const before = stored();
      await using client = await connect({ ...access, compress, bytesPerSecond: 2 * MIB });
      const stop = new AbortController();
      const { signal } = stop;
      const interrupted = assert.rejects(client.put(data, "a", { id, part: id, signal }), /Enough/);
      await waitFor("more of it is stored", () => stored() > before);
      stop.abort(new Error("Enough"));
      await interrupted;
      await bench.idle();
    }
    assert.ok(stored() > 0 && stored() < data.length);
    await using client = await connect({ ...access, compress: "zstd" });
    const { resumedFrom, wireBytes = 0 } = await client.put(data, "a", { id, part: id });
    assert.ok(resumedFrom > 0);
    assert.ok(wireBytes < 2 * MIB + 100_000 - Math.min(resumedFrom, 2 * MIB), `${wireBytes}`);
    assert.deepEqual(await bench.stored("a"), data);

    const copy = bench.path("copy");
    for (const compress of ["zstd", "none"] as const) {
      await using client = await connect({ ...access, compress, bytesPerSecond: 2 * MIB });
      const stop = new AbortController();
      const onProgress = (bytes: number) => bytes > 0 && stop.abort(new Error("Enough"));
      const options = { resume: true, onProgress, signal: stop.signal };
      await assert.rejects(client.get("a", copy, options), /Enough/);
    }
    const { resumedFrom: from } = await client.get("a", copy, { resume: true });
    assert.ok(from > 0);
    assert.deepEqual(await Deno.readFile(copy), data);
  },
);

testWithZstandard(
  "What goes in chunks is compressed as well, and goes on where it was with another mode",
  async () => {
    await using bench = await ResumeBench.open();
    const servers = [await bench.serve(), await bench.serve()];
    const access = { server: servers.map(({ address }) => address), ...bench.access };
    const data = concat([randomData(10 * MIB), new Uint8Array(30 * MIB).fill(65)]);
    const source = await bench.source(data);
    const copy = bench.path("copy");
    for (const [index, compress] of (["zstd", "none"] as const).entries()) {
      await using client = await connect({ ...access, compress });
      const options = { streams: 2, overwrite: "always" } as const;
      const results = [
        await client.put(source, "a", options),
        await client.get("a", copy, options),
      ];
      assert.deepEqual(await Deno.readFile(copy), data);
      for (const { streams, wireBytes = 0 } of results) {
        const most = (index === 0 ? 11 : 41) * MIB;
        assert.equal(streams, 2);
        assert.ok(wireBytes > most - 2 * MIB && wireBytes < most, `${wireBytes} with ${compress}`);
      }
    }
    // Interrupted amid what is compressed, it goes on as it is, and the other way round.
    const part = newId();
    const partly = { streams: 2, overwrite: "always", part } as const;
    for (const [sent, compress] of [[4, "zstd"], [16, "none"]] as const) {
      await using client = await connect({ ...access, compress, bytesPerSecond: 16 * MIB });
      const stop = new AbortController();
      const onProgress = (bytes: number) => bytes > sent * MIB && stop.abort(new Error("Enough"));
      const putting = client.put(source, "b", { ...partly, signal: stop.signal, onProgress });
      await assert.rejects(putting, /Enough/);
      await bench.idle();
    }
    await using client = await connect({ ...access, compress: "zstd" });
    const { resumedFrom } = await client.put(source, "b", partly);
    assert.ok(resumedFrom > 0);
    assert.deepEqual(await bench.stored("b"), data);
  },
);
