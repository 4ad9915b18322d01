import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { connect } from "../../client/mod.ts";
import { Site, waitFor } from "./harness.ts";

interface Told {
  server: string;
  topic: string;
  body: Record<string, unknown>;
}

function toldBy(text: string): Told[] {
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

Deno.test("events tells of sessions and transfers of all workers, also after one was replaced", async () => {
  await using site = await Site.create(2);
  const { report: { ports, fingerprint } } = await site.start();
  const token = await site.token();
  const access = { token, fingerprint, failover: false };
  const watching = site.spawn("events", "--json", "transfer.*", "session.closed");
  const told = (topic: string, port: number) =>
    toldBy(watching.stdout).filter((event) =>
      event.topic === topic && event.server.endsWith(`:${port}`)
    );
  for (const port of ports) {
    await waitFor("both are watched", async () => {
      await using client = await connect({ server: `127.0.0.1:${port}`, ...access });
      await client.put(new Uint8Array(1000), `by-${port}`, { overwrite: "always" });
      return told("transfer.ended", port).length > 0;
    });
    const [begun] = told("transfer.begun", port);
    assert.deepEqual([begun?.body.request, begun?.body.name], ["file.put", `by-${port}`]);
    await waitFor("its end", () => told("session.closed", port).length > 0);
  }
  await site.json("restart", String(ports[0]));
  const [port = 0] = ports;
  const before = told("transfer.ended", port).length;
  await waitFor("it is watched again", async () => {
    await using client = await connect({ server: `127.0.0.1:${port}`, ...access });
    await client.put(new Uint8Array(1000), "again", { overwrite: "always" });
    return told("transfer.ended", port).length > before;
  });
  watching.child.kill("SIGINT");
  assert.equal((await watching.finished).code, 130);
  await site.json("shutdown");
  await site.assertNothingLeft();
});

Deno.test("A subscription holds up no worker that leaves, and goes on with the next one", async () => {
  await using site = await Site.create(2);
  const { report: { ports, fingerprint } } = await site.start();
  const token = await site.token();
  const server = ports.map((port) => `127.0.0.1:${port}`).join(",");
  await using client = await connect({ server, token, fingerprint });
  const events = client.subscribe(["transfer.*"]);
  await events.begun;
  let told = false;
  const next = events.next();
  next.then(() => told = true, () => {});
  const start = performance.now();
  await site.json("restart", "all", "--rolling");
  const ms = performance.now() - start;
  assert.ok(ms < 20_000, `It waited ${ms} ms, as if until the deadline`);
  await waitFor("it goes on", async () => {
    await client.put(new Uint8Array(10), "x", { overwrite: "always" });
    return told;
  });
  const { value } = await next;
  assert.deepEqual([value?.topic, value?.gap], ["transfer.begun", true]);
  await events.return?.();
  await client.close();
  await site.json("shutdown");
});
