import assert from "node:assert/strict";
import { connect } from "../../../client/mod.ts";
import { type Bench, withServer } from "../../fixtures/server.ts";

const connectWithout = ({ server, fingerprint }: Bench) =>
  connect({ server, fingerprint, timeoutMs: 10_000 });

Deno.test("Who shows no token is let in only where that is configured, and is told so otherwise", async () => {
  await withServer(async (bench) => {
    await assert.rejects(connectWithout(bench), {
      code: "wrong-token",
      message: "Server lets nobody in without a token; show one",
    });
  });
  // Nothing is allowed that is not granted: it can see that the server is there.
  await withServer(async (bench) => {
    await using client = await connectWithout(bench);
    await client.ping();
    await assert.rejects(Array.fromAsync(client.list()), {
      code: "permission-denied",
      message: /file\.list needs the right "read", which a client without a token does not have/,
    });
  }, { anonymous: { allow: [] } });
});

Deno.test("Who shows no token may do what is configured, where it is, and nothing else", async () => {
  await withServer(async (bench) => {
    const bytes = new TextEncoder().encode("text");
    const { server, fingerprint, token } = bench;
    await using owner = await connect({ server, fingerprint, token });
    for (const name of ["pub/a.txt", "private.txt"]) await owner.put(bytes, name);
    await using client = await connectWithout(bench);
    const names = await Array.fromAsync(client.list(), ({ name }) => name);
    assert.deepEqual(names, ["pub/a.txt"]);
    await assert.rejects(client.stat("private.txt"), {
      code: "permission-denied",
      message: /"private\.txt" is not below "pub\/", and a client without a token may use nothing/,
    });
    await assert.rejects(client.put(bytes, "pub/b.txt"), { code: "permission-denied" });
    // A token that is wrong is not the same as none.
    await assert.rejects(connect({ server, fingerprint, token: "wrong" }), { code: "wrong-token" });
    bench.running.updateTokens([]);
    await client.ping();
  }, { anonymous: { allow: ["read"], prefix: "pub" } });
});
