/**
 * Stores files in every way, by a server and its client, to be looked at by `strace`: what it calls the system
 * for, and when it says that something is stored.
 *
 * Arguments: the directory of the files, and the durability.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { lockUpload, openStorageRoot, type StorageRoot, Upload } from "../../../transfer/mod.ts";
import { findUpload } from "../../../transfer/upload/find_upload.ts";
import { storedPlace } from "../../../transfer/storage/stored_place.ts";
import { delay } from "../../../base/mod.ts";
import { ResumeBench } from "../../resume/bench.ts";
import { contentOf, INTERRUPTED, MIB } from "./contents.ts";

const [directory = "", durability = ""] = Deno.args;

/** Tells who looks that a name is about to have a content, or has it: `-` for none. */
function mark(when: "begun" | "done", ...pairs: [name: string, content: string][]): void {
  for (const [name, content] of pairs) {
    try {
      Deno.chmodSync(`/msquicd-mark/${when}/${encodeURIComponent(name)}/${content}`, 0o600);
    } catch {
      // There is no such file: it is only to be seen.
    }
  }
}

async function marked(
  pairs: [name: string, content: string][],
  action: () => Promise<unknown>,
): Promise<void> {
  mark("begun", ...pairs);
  await action();
  mark("done", ...pairs);
}

await using bench = await ResumeBench.open(directory);
const server = await bench.serve(undefined, {
  durability: durability as StorageRoot["durability"],
});
const client = await bench.connect(server);
const put = (name: string, content: string, overwrite: "never" | "always" = "never") =>
  marked([[name, content]], () => client.put(contentOf(content), name, { overwrite }));

await put("deep/er/large", "large-1");
await put("deep/er/large", "large-2", "always");
await put("small", "small-1");
await put("small", "small-2", "always");
const many = Array.from({ length: 12 }, (_, index) => `tree/${index % 3}/f${index}`);
mark("begun", ...many.map((name): [string, string] => [name, name.replaceAll("/", "-")]));
for await (
  const { file, ...outcome } of client.putMany(
    many.map((name) => ({ name, source: contentOf(name.replaceAll("/", "-")) })),
  )
) {
  if ("error" in outcome) throw outcome.error;
  mark("done", [file.name, file.name.replaceAll("/", "-")]);
}
await marked([["piped", "large-3"]], async () => {
  let rest = contentOf("large-3");
  await client.putStream({
    read(buffer) {
      if (rest.length === 0) return Promise.resolve(null);
      const count = Math.min(buffer.length, rest.length);
      buffer.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return Promise.resolve(count);
    },
  }, "piped");
});
await marked(
  [["deep/er/large", "-"], ["moved/large", "large-2"]],
  () => client.move("deep/er/large", "moved/large"),
);

// An upload that is interrupted twice, and of which what has come is written down.
const { now } = performance;
let ahead = 0;
performance.now = () => now.call(performance) + ahead;
const root = {
  ...await openStorageRoot(join(directory, "storage"), undefined, {
    durability: durability as StorageRoot["durability"],
  }),
  tryLock: lockUpload,
};
const data = contentOf(INTERRUPTED.name);
mark("begun", [INTERRUPTED.name, INTERRUPTED.name]);
for (const end of [3 * MIB, 5 * MIB, data.length]) {
  const place = storedPlace(root, INTERRUPTED.name);
  const { offset } = await findUpload(root, INTERRUPTED, place);
  await using upload = await Upload.open(root, { ...INTERRUPTED, offset });
  const hash = upload.start?.hash ?? createHash("sha256");
  for (let at = offset; at < end; at += MIB / 2) {
    const piece = data.subarray(at, Math.min(at + MIB / 2, end));
    await upload.file.write(piece);
    hash.update(piece);
    ahead += 2600;
    upload.journal?.reached(at + piece.length, hash);
    await delay(30);
  }
  if (end === data.length) await upload.publish(place, hash.digest("hex"), {});
}
mark("done", [INTERRUPTED.name, INTERRUPTED.name]);
