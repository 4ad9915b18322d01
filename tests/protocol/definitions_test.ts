import assert from "node:assert/strict";
import { messages, MessageType } from "../../protocol/mod.ts";

const FOLDER = new URL("../../protocol/messages/", import.meta.url);

Deno.test("Each file of protocol/messages/ defines one message, which is called as the file is", () => {
  const files = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name).filter((name) =>
    name !== "mod.ts"
  );
  const expected = Object.values(messages).map(({ name }) => `${name.replaceAll(".", "_")}.ts`);
  assert.deepEqual(files.sort(), expected.sort());
});

Deno.test("No two messages have the same type or name", () => {
  const all = Object.values(messages);
  assert.equal(new Set(all.map(({ type }) => type)).size, all.length);
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
});

Deno.test("MessageType has the types as they always were, in their order", () => {
  assert.deepEqual(Object.entries(MessageType), [
    ["hello", 1],
    ["ping", 2],
    ["echo", 3],
    ["goaway", 4],
    ["farewell", 5],
    ["eventsSubscribe", 8],
    ["filePut", 16],
    ["fileGet", 17],
    ["fileList", 18],
    ["fileStat", 19],
    ["fileDelete", 20],
    ["fileResume", 21],
    ["fileMove", 22],
    ["fileMkdir", 23],
    ["fileSum", 24],
    ["filePutMany", 25],
    ["filePutStriped", 26],
    ["filePutChunks", 27],
    ["fileDigests", 28],
    ["fileQuotas", 29],
    ["filePutStream", 30],
    ["fileGetMany", 31],
    ["systemInfo", 32],
    ["systemTime", 33],
    ["systemStats", 34],
    ["systemProcesses", 35],
    ["systemDisk", 36],
    ["systemActionList", 37],
    ["systemActionRun", 38],
  ]);
});
