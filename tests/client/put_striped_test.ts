import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { putStriped } from "../../client/put_striped.ts";
import { SideLinks } from "../../client/side_links.ts";
import {
  CHUNK_HEADER_LENGTH,
  CHUNK_RECORD_LENGTH,
  encodeAnswer,
  MessageType,
  NO_MORE_CHUNKS,
} from "../../protocol/mod.ts";
import { ChunkLevels, Chunks, PositionedFile } from "../../transfer/mod.ts";
import { temporaryDirectory } from "../transfer/temporary.ts";
import { type Answerer, FakeServer } from "./fake_server.ts";

const SIZE = 8 * 1024 * 1024 + 1;
const CHUNKS = 2;
const NOTHING = ChunkLevels.ofPrefix(new Chunks(SIZE), 0);
const OTHER = "0".repeat(64);

/** Takes chunks, and says of the file what it is told to. */
function storing(sha256: string, atOnce: boolean): Answerer {
  return async ({ type }, stream, reader) => {
    if (type === MessageType.filePutStriped) {
      if (!atOnce) {
        await stream.send(encodeAnswer(type, { levels: NOTHING.encode() }));
        for (let chunk = 0; chunk < CHUNKS; chunk++) await reader.readExactly(CHUNK_RECORD_LENGTH);
      }
      await stream.send(encodeAnswer(type, { sha256 }), { fin: true });
      return await reader.expectEnd();
    }
    for (;;) {
      const header = await reader.readExactly(CHUNK_HEADER_LENGTH);
      const view = new DataView(header.slice().buffer);
      const chunk = view.getUint32(0);
      if (chunk === NO_MORE_CHUNKS) return await stream.send(new Uint8Array(), { fin: true });
      for await (const _ of reader.chunks(view.getUint32(8)));
      await stream.send(encodeAnswer(type, { chunk }));
    }
  };
}

Deno.test("putStriped() finds that the server has stored what was sent", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/file`;
  await Deno.writeFile(path, new Uint8Array());
  await Deno.truncate(path, SIZE);
  using file = await Deno.open(path);
  const same = createHash("sha256").update(new Uint8Array(SIZE)).digest("hex");
  const put = (opener: FakeServer) =>
    putStriped({
      ...{ opener, file: new PositionedFile(file), streams: 1, signal: undefined },
      beside: () => new SideLinks(() => Promise.reject(new Error("There is one server"))),
      body: { id: "upload", name: "file", size: SIZE, overwrite: "never", repeated: false },
      check: () => Promise.resolve(),
      digest: () => Promise.resolve(same),
      ...{ onProgress() {}, onPart() {}, onStream() {} },
    });
  for (const atOnce of [false, true]) {
    const { sha256, resumedFrom } = await put(new FakeServer(storing(same, atOnce)));
    assert.deepEqual([sha256, resumedFrom], [same, atOnce ? SIZE : 0]);
    await assert.rejects(put(new FakeServer(storing(OTHER, atOnce))), {
      code: "hash-mismatch",
      message: /stored "file" differently from what was sent/,
    });
  }
});
