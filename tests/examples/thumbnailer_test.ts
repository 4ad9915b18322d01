import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect } from "../../client/mod.ts";
// @ts-types="./thumbnailer_png.d.ts"
import { decodePng, encodePng } from "../../examples/thumbnailer/png.js";
import type { ManagerStatus } from "../../handlers/commands/mod.ts";
import { programFile } from "../../program_files.ts";
import { Site } from "../e2e/harness.ts";

const THUMBNAIL = 0x8010;

interface Thumbnail {
  image: Uint8Array;
  width: number;
  height: number;
}

/** Red on the left, blue on the right. */
function twoColors(width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const left = pixel % width < width / 2;
    pixels.set(left ? [255, 0, 0, 255] : [0, 0, 255, 255], pixel * 4);
  }
  return encodePng({ width, height, pixels });
}

Deno.test("The thumbnailer makes images smaller on threads, and refuses what is none", async () => {
  await using site = await Site.create(1);
  const config = fileURLToPath(programFile("examples/thumbnailer/msquicd.jsonc"));
  const { report } = await site.start("--config", config);
  const token = await site.token();
  const { ports, fingerprint } = report;
  await using client = await connect({ server: `127.0.0.1:${ports[0]}`, token, fingerprint });

  const image = twoColors(1000, 600);
  const small = await client.call(THUMBNAIL, { image, width: 10 }) as Thumbnail;
  assert.deepEqual([small.width, small.height], [10, 6]);
  assert.deepEqual(decodePng(small.image), decodePng(twoColors(10, 6)));

  const some = Array.from({ length: 8 }, () => client.call(THUMBNAIL, { image, width: 4 }));
  for (const one of await Promise.all(some)) {
    assert.deepEqual(decodePng((one as Thumbnail).image), decodePng(twoColors(4, 2)));
  }
  const bad = { image: new Uint8Array([1, 2, 3]), width: 10 };
  await assert.rejects(client.call(THUMBNAIL, bad), { code: "bad-body", message: /no PNG/ });
  const cut = { image: image.subarray(0, 200), width: 10 };
  await assert.rejects(client.call(THUMBNAIL, cut), { code: "bad-body" });

  const { workers } = JSON.parse((await site.run("status", "--json")).stdout) as ManagerStatus;
  assert.deepEqual([workers[0]?.tasksDone, workers[0]?.tasksFailed], [9, 2]);
  const threads = workers[0]?.taskThreads ?? 0;
  assert.ok(threads >= 1 && threads <= 2, `${threads} threads`);
  assert.equal((await site.run("shutdown")).code, 0);
});
