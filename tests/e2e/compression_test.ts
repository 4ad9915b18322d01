import assert from "node:assert/strict";
import { join } from "node:path";
import { Site } from "./harness.ts";
import { testWithZstandard } from "../fixtures/zstandard.ts";

const MIB = 1024 * 1024;

interface Result {
  bytes: number;
  wireBytes: number;
  sha256: string;
  limitedBy: string;
}

testWithZstandard(
  "msquicd: --compress says whether files go compressed, both ways, a tree and a pipe as well",
  async () => {
    await using site = await Site.create(1);
    await site.start();
    const source = site.path("lines.txt");
    const lines = Array.from(
      { length: 60_000 },
      (_, line) => `${line} GET /page${line * 7} 200 OK\n`,
    );
    await Deno.writeTextFile(source, lines.join(""));
    const { size } = await Deno.stat(source);
    const copies: [string, number][] = [["zstd", size / 3], ["none", size]];
    for (const [mode, most] of copies) {
      const flags = ["--compress", mode];
      const [put] = await site.json<[Result]>("put", source, "--to", mode, ...flags);
      const [get] = await site.json<[Result]>("get", mode, "-o", site.path(mode), ...flags);
      for (const { bytes, wireBytes, sha256 } of [put, get]) {
        assert.equal(bytes, size);
        assert.ok(wireBytes <= most && (mode !== "none" || wireBytes === size), `${wireBytes}`);
        assert.equal(sha256, put.sha256);
      }
      assert.equal(await Deno.readTextFile(site.path(mode)), lines.join(""));
    }
    const { stdout } = await site.run("put", source, "--to", "said", "--compress", "zstd");
    assert.match(stdout, /^said: .*, \d+(\.\d)? [KM]iB on the wire, sha256 /);

    const tree = site.path("tree");
    await Deno.mkdir(tree);
    for (let file = 0; file < 50; file++) {
      await Deno.writeTextFile(join(tree, `${file}`), lines.slice(0, 100 + file).join(""));
    }
    const up = await site.run("put", tree, "--compress", "zstd");
    assert.equal(up.code, 0, up.stderr);
    const down = await site.run("sync", "tree", site.path("back"), "--down", "--compress", "zstd");
    assert.equal(down.code, 0, down.stderr);
    const last = lines.slice(0, 149).join("");
    assert.equal(await Deno.readTextFile(join(site.path("back"), "49")), last);

    const wrong = await site.run("put", source, "--compress", "gzip");
    assert.equal(wrong.code, 2);
    assert.ok(size > MIB);
  },
);
