/**
 * A client program: stores files and asks questions until its standard input ends. Started by `load.ts`,
 * with its order as its only argument.
 *
 * @module
 */
import type { LoadOrder } from "./access.ts";
import { Random } from "./random.ts";
import { ask } from "./requests.ts";
import { storeFiles } from "./uploads.ts";

const UPLOAD_TRACKS = 2;
const REQUEST_TRACKS = 3;

async function main(text: string): Promise<void> {
  const order: LoadOrder = JSON.parse(text);
  const random = new Random(order.seed);
  const stop = new AbortController();
  const fresh = () => new Random(random.between(0, 2 ** 32 - 1));
  const tracks = [
    ...Array.from({ length: UPLOAD_TRACKS }, (_, track) => {
      return storeFiles(order, track, fresh(), stop.signal);
    }),
    ...Array.from({ length: REQUEST_TRACKS }, (_, track) => {
      return ask(order, track, fresh(), stop.signal);
    }),
  ];
  for await (const _ of Deno.stdin.readable);
  stop.abort();
  await Promise.all(tracks);
}

await main(Deno.args[0] ?? "");
