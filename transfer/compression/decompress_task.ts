import { programModule } from "../../program_files.ts";
import type { TaskDefinition } from "../../tasks/definition.ts";

/** What was compressed. */
export interface DecompressInput {
  /** In memory that the thread shares. */
  readonly frame: Uint8Array<SharedArrayBuffer>;
  /** How many bytes have to be in it. */
  readonly length: number;
}

const task: TaskDefinition<DecompressInput, Uint8Array<ArrayBuffer> | undefined> = {
  name: "decompress",
  module: programModule("transfer/compression/decompress_task").href,
  /** @returns `undefined`: something else is in it. */
  async run({ frame, length }, context) {
    const { decompress } = await import("./zstd.ts");
    try {
      const bytes = decompress(frame, length);
      context.handOver(bytes.buffer);
      return bytes;
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  },
};
export default task;
