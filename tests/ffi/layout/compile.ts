import { join } from "node:path";
import { MAGIC } from "./c_source.ts";

/** Whether a program of this name can be run here. */
export function hasProgram(name: string): boolean {
  try {
    return new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Compiles `source` and returns what follows the magic number in the object file. */
export async function compile(
  compiler: string,
  source: string,
  includeDirectory: string,
): Promise<DataView<ArrayBuffer>> {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-layout-" });
  try {
    const sourceFile = join(directory, "layout.c");
    const objectFile = join(directory, "layout.o");
    await Deno.writeTextFile(sourceFile, source);
    const { success, stderr } = await new Deno.Command(compiler, {
      args: [
        "-w", // the initialisers of bit-fields overflow, by intention
        "-c",
        "-DQUIC_API_ENABLE_PREVIEW_FEATURES",
        `-I${includeDirectory}`,
        sourceFile,
        "-o",
        objectFile,
      ],
      stdout: "null",
    }).output();
    if (!success) throw new Error(`${compiler} failed:\n${new TextDecoder().decode(stderr)}`);
    return afterMagic(await Deno.readFile(objectFile));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function afterMagic(object: Uint8Array<ArrayBuffer>): DataView<ArrayBuffer> {
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  const size = MAGIC.length * 8;
  for (let at = 0; at + size <= view.byteLength; at++) {
    if (MAGIC.every((word, i) => view.getBigUint64(at + i * 8, true) === word)) {
      return new DataView(object.buffer, object.byteOffset + at + size);
    }
  }
  throw new Error("The object file does not contain the layout");
}
