import { programModule } from "../../program_files.ts";
import type { TaskDefinition } from "../../tasks/definition.ts";

/** What is to be compressed. */
export interface CompressInput {
  /** Of memory that the thread shares, or gets. */
  readonly block: Uint8Array;
  readonly level: number;
}

const task: TaskDefinition<CompressInput, Uint8Array<ArrayBuffer>> = {
  name: "compress",
  module: programModule("transfer/compression/compress_task").href,
  async run({ block, level }, context) {
    const { compress } = await import("./zstd.ts");
    const frame = compress(block, level);
    context.handOver(frame.buffer);
    return frame;
  },
};
export default task;
