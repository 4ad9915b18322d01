import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { connect, VERIFICATIONS } from "../../client/mod.ts";
import { commandLineFor } from "../cli/command_line.ts";
import { withServer } from "../fixtures/server.ts";

const SIZE = 5_000_000;

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function someBytes(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZE);
  crypto.getRandomValues(bytes.subarray(0, 60_000));
  bytes.fill(7, 2_000_000);
  return bytes;
}

Deno.test("put() and get() compare what they are told to, say so, and copy the same bytes", async () => {
  await withServer(async ({ server, token, fingerprint, directory }) => {
    await using client = await connect({ server, token, fingerprint });
    const [path, back] = [join(directory, "a"), join(directory, "back")];
    const bytes = someBytes();
    await Deno.writeFile(path, bytes);
    for (const verify of VERIFICATIONS) {
      const verified = verify === "sha256" ? undefined : verify;
      const put = await client.put(path, `by-${verify}`, { verify });
      assert.deepEqual([put.verified, put.sha256], [verified, sha256Of(bytes)]);
      assert.ok(put.verified !== undefined || !("verified" in put));
      const got = await client.get(`by-${verify}`, `${back}-${verify}`, { verify });
      assert.deepEqual([got.verified, got.sha256], [verified, sha256Of(bytes)]);
      assert.deepEqual(await Deno.readFile(`${back}-${verify}`), bytes);
    }
    const small = await client.put(new Uint8Array(3), "small", { verify: "none" });
    assert.ok(!("verified" in small));
  });
});

Deno.test("get() goes on without comparing, and not with less than it has found", async () => {
  await withServer(async ({ server, token, fingerprint, directory }) => {
    await using client = await connect({ server, token, fingerprint });
    const path = join(directory, "a");
    const bytes = someBytes();
    await client.put(bytes, "a");
    const stop = new AbortController();
    const first = client.get("a", path, {
      resume: true,
      signal: stop.signal,
      onProgress: (received) => received > 1_500_000 && stop.abort(new Error("Stop")),
    });
    await assert.rejects(first, { message: "Stop" });
    const result = await client.get("a", path, { resume: true, verify: "size" });
    assert.ok(result.resumedFrom > 0);
    assert.deepEqual(await Deno.readFile(path), bytes);
  });
});

Deno.test("--verify is told in results, and wrong words are refused", async () => {
  await withServer(async (bench) => {
    const run = commandLineFor(bench);
    const path = join(bench.directory, "a");
    await Deno.writeFile(path, someBytes());
    const put = await run("put", path, "--verify", "size");
    assert.match(
      put.stdout,
      /sha256 [0-9a-f]{64} as the server says \(only the size was compared\)/,
    );
    const get = await run("get", "a", "-o", `${path}2`, "--verify", "none", "--json");
    assert.equal(get.json[0].verified, "none");
    assert.equal((await run("put", path, "--verify", "md5")).exitCode, 2);
  });
});
