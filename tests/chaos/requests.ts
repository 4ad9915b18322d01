import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { delay } from "../../base/mod.ts";
import type { Client } from "../../client/mod.ts";
import type { LoadOrder } from "./access.ts";
import { describe, emit } from "./load_events.ts";
import { connectPatiently } from "./patient_connect.ts";
import type { Random } from "./random.ts";

const REPORT_MS = 500;

/** The longest pause between two requests, in milliseconds. */
const MAX_PAUSE_MS = 20;

/** Requests of one client; then there is another. */
const PER_CLIENT = 2000;

/** Of so many requests one is a download. */
const DOWNLOAD_EVERY = 200;

/** The file that is downloaded again and again. */
const DOWNLOAD_SIZE = 2_000_000;

/** Requests after requests, until the signal aborts; each answer is looked at. */
export async function ask(
  order: LoadOrder,
  track: number,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  let requests = 0;
  let bytes = 0;
  let slowestMs = 0;
  let reportedAt = performance.now();
  function report(): void {
    emit({ type: "answered", requests, bytes, slowestMs });
    requests = bytes = slowestMs = 0;
    reportedAt = performance.now();
  }
  const kept = new Uint8Array(randomBytes(DOWNLOAD_SIZE));
  const name = `${order.prefix}/kept-${track}`;
  const copy = join(order.scratch, `${order.prefix}-${track}`);
  await prepare(order, kept, name);
  while (!signal.aborted) {
    await using client = await connectPatiently(order);
    for (let count = 0; count < PER_CLIENT && !signal.aborted; count++) {
      const start = performance.now();
      try {
        if (random.between(1, DOWNLOAD_EVERY) === 1) {
          bytes += await download(client, name, kept, copy);
        } else bytes += await exchange(client, random);
        requests++;
      } catch (error) {
        emit({ type: "request-lost", error: describe(error) });
      }
      slowestMs = Math.max(slowestMs, performance.now() - start);
      if (performance.now() > reportedAt + REPORT_MS) report();
      await delay(random.between(0, MAX_PAUSE_MS));
    }
  }
  report();
}

async function prepare(order: LoadOrder, data: Uint8Array, name: string): Promise<void> {
  await using client = await connectPatiently(order);
  await client.put(data, name);
}

async function exchange(client: Client, random: Random): Promise<number> {
  const data = new Uint8Array(randomBytes(random.between(0, 20_000)));
  const body = { number: random.between(0, 1_000_000) };
  const answer = await client.echo(body, data);
  assert.deepEqual(answer.body, body, "The body comes back");
  assert.ok(data.every((byte, index) => answer.data[index] === byte), "The bytes come back");
  return data.length;
}

async function download(client: Client, name: string, kept: Uint8Array, copy: string) {
  await client.get(name, copy, { overwrite: "always" });
  const got = await Deno.readFile(copy);
  assert.ok(got.length === kept.length && kept.every((byte, at) => got[at] === byte), "The file");
  return kept.length;
}
