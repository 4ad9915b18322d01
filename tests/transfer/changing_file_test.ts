import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ApplicationError } from "../../protocol/mod.ts";
import { sendFile } from "../../transfer/mod.ts";
import { MemorySink, pattern, sha256, withTrailer } from "./memory_streams.ts";
import { temporaryDirectory } from "./temporary.ts";

const MIB = 1024 * 1024;

/** Sends a file, and does something to it after the first block. */
async function sendWhile(
  content: Uint8Array,
  change: (path: string) => void,
): Promise<{ sink: MemorySink; sending: Promise<string> }> {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  await Deno.writeFile(path, content);
  using file = await Deno.open(path);
  const sink = new MemorySink();
  let changed = false;
  const sending = sendFile(sink, file, content.length, {
    onProgress() {
      if (changed) return;
      changed = true;
      change(path);
    },
  });
  await Promise.allSettled([sending]);
  assert.ok(changed);
  return { sink, sending };
}

Deno.test("sendFile() throws when the file is cut short meanwhile, and the process lives on", async () => {
  const { sink, sending } = await sendWhile(
    pattern(16 * MIB),
    (path) => Deno.truncateSync(path, MIB),
  );
  await assert.rejects(sending, { name: "SizeChangedError", code: "size-changed" });
  assert.equal(sink.inFlight, 0);
  assert.deepEqual(sink.aborts, [ApplicationError.abandoned]);
});

Deno.test("sendFile() sends what was announced when the file grows meanwhile", async () => {
  const content = pattern(8 * MIB);
  const { sink, sending } = await sendWhile(
    content,
    (path) => Deno.truncateSync(path, 9 * MIB),
  );
  assert.equal(await sending, sha256(content).toHex());
  assert.equal(sha256(sink.bytes).toHex(), sha256(withTrailer(content)).toHex());
});

Deno.test("sendFile() sends bytes that match their SHA-256, also when the file changes meanwhile", async () => {
  const { sink, sending } = await sendWhile(pattern(16 * MIB), (path) => {
    using file = Deno.openSync(path, { write: true });
    for (let block = 0; block < 16; block++) file.writeSync(new Uint8Array(MIB));
  });
  const hash = await sending;
  assert.equal(sha256(sink.bytes.subarray(0, 16 * MIB)).toHex(), hash);
});

Deno.test("sendFile() sends a file on after it was removed", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const content = pattern(16 * MIB);
  const { sending } = await sendWhile(content, (path) => Deno.removeSync(path));
  assert.equal(await sending, sha256(content).toHex());
});

Deno.test("sendFile() sends the end of a file of more than 4 GiB", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "sparse");
  const start = 2 ** 32 + 12_345;
  const end = pattern(3 * MIB + 1);
  {
    using file = await Deno.create(path);
    await file.seek(start, Deno.SeekMode.Start);
    file.writeSync(end);
  }
  using file = await Deno.open(path);
  await file.seek(start, Deno.SeekMode.Start);
  const sink = new MemorySink();
  const expected = createHash("sha256").update(end).digest("hex");
  assert.equal(await sendFile(sink, file, end.length), expected);
});

Deno.test("sendFile() reads the next block before this one is sent", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "file");
  await Deno.writeFile(path, pattern(3 * MIB));
  using file = await Deno.open(path);
  const order: string[] = [];
  const watched = new Proxy(file, {
    get(target, key) {
      if (key !== "read") return Reflect.get(target, key, target);
      return (buffer: Uint8Array<ArrayBuffer>) => {
        order.push("read");
        return target.read(buffer);
      };
    },
  });
  const sink = new MemorySink();
  await sendFile(
    {
      send(data, options) {
        order.push("send");
        return sink.send(data, options);
      },
    },
    watched,
    3 * MIB,
  );
  assert.deepEqual(order, ["read", "read", "send", "read", "send", "send"]);
});
