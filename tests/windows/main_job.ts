import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { Server } from "./server.ts";
import type { Side } from "./side.ts";
import type { Stage } from "./stage.ts";
import { rate, seconds } from "./transcript.ts";

const BYTES = 64 * 2 ** 20;

/** The part of `put --json` and `get --json` that is looked at. */
interface Transfer {
  bytes: number;
  sha256: string;
  ms: number;
  resumedFrom: number;
}

/** Three workers, a file in and out by every client, status, and shutdown with nothing left. */
export async function mainJob(stage: Stage, side: Side, clients: readonly Side[]): Promise<void> {
  const { site, transcript } = stage;
  const data = randomBytes(BYTES);
  const sha256 = createHash("sha256").update(data).digest("hex");
  const source = site.path("64 MiB ü.bin");
  await Deno.writeFile(source, data);
  const begun = performance.now();
  let server: Server | undefined;
  await transcript.check(`start with three workers on ${side.system}`, async () => {
    server = await Server.start(side, site, side.system.toLowerCase());
    assert.equal(new Set(server.pids).size, 4);
    return `ready after ${seconds(performance.now() - begun)}`;
  });
  if (server === undefined) return;
  const running = server;
  await transcript.check("status", async () => {
    const { state, msquic, workers } = await running.status();
    assert.deepEqual([state, ...workers.map(({ state }) => state)], Array(4).fill("ready"));
    return `MsQuic ${msquic}, ports ${workers.map(({ port }) => port).join(", ")}, ready`;
  });
  for (const client of clients) await putAndGet(stage, running, client, source, sha256);
  await transcript.check("shutdown leaves nothing", () => shutdown(stage, running));
}

async function putAndGet(
  { site, transcript }: Stage,
  server: Server,
  client: Side,
  source: string,
  sha256: string,
): Promise<void> {
  const name = `from ${client.system}/ünï 深い.bin`;
  await transcript.check(`put by a ${client.system} client`, async () => {
    const args = ["put", client.theirs(source), "--to", name];
    const [put] = await server.json<Transfer[]>(client, ...args);
    assert.deepEqual([put?.bytes, put?.sha256], [BYTES, sha256]);
    assert.equal(put?.resumedFrom, 0, "A connection was lost on the way");
    assert.equal(await sha256Of(join(server.root, name)), sha256);
    return `64 MiB, ${rate(BYTES, put?.ms ?? 0)}`;
  });
  await transcript.check(`get by a ${client.system} client`, async () => {
    const copy = site.path(`copy for ${client.system}`);
    const args = ["get", name, "-o", client.theirs(copy)];
    const [get] = await server.json<Transfer[]>(client, ...args);
    assert.deepEqual([get?.bytes, get?.sha256], [BYTES, sha256]);
    assert.equal(get?.resumedFrom, 0, "A connection was lost on the way");
    assert.equal(await sha256Of(copy), sha256);
    await Deno.remove(copy);
    return `64 MiB, ${rate(BYTES, get?.ms ?? 0)}`;
  });
  await transcript.check(`put of a directory, ls and rm by a ${client.system} client`, async () => {
    const inside = ["tree/深い/ünï.txt", "tree/empty"];
    for (const path of inside) {
      await Deno.mkdir(dirname(site.path(path)), { recursive: true });
      await Deno.writeFile(site.path(path), new Uint8Array());
    }
    await server.json(client, "put", client.theirs(site.path("tree")));
    const listed = await server.json<{ name: string }[]>(client, "ls", "-r");
    assert.deepEqual(listed.map(({ name }) => name).sort(), [name, ...inside].sort());
    await server.json(client, "rm", name, ...inside);
    assert.deepEqual(await server.json(client, "ls", "-r"), []);
    return "names with / on either system";
  });
}

async function shutdown({ tools, windows }: Stage, server: Server): Promise<string> {
  const begun = performance.now();
  await server.shutdown();
  const took = performance.now() - begun;
  if (server.side === windows) assert.deepEqual(await tools.alive(server.pids), []);
  server.assertTidy();
  return `after ${seconds(took)}`;
}

async function sha256Of(path: string): Promise<string> {
  return createHash("sha256").update(await Deno.readFile(path)).digest("hex");
}
