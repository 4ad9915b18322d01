import assert from "node:assert/strict";
import { BlockCoder } from "../../../transfer/compression/coder.ts";
import { compress } from "../../../transfer/compression/zstd.ts";
import { testWithZstandard } from "../../fixtures/zstandard.ts";
import { noise } from "./contents.ts";
import { FakeTasks } from "./fake_tasks.ts";

testWithZstandard(
  "BlockCoder keeps memory for a few blocks, also where each is longer than all before",
  async () => {
    const coder = new BlockCoder(new FakeTasks());
    const bytes = noise(100_000);
    for (let length = 40_000; length < 100_000; length += 1000) {
      const block = bytes.subarray(0, length);
      const frame = compress(block, 1);
      const memory = coder.memoryFor(frame.length);
      memory.set(frame);
      const got = await coder.decompress(memory, { sent: frame.length, length });
      assert.deepEqual(got, block);
    }
    assert.ok(coder.keptBytes > 0 && coder.keptBytes < 500_000, `${coder.keptBytes} bytes`);
  },
);
