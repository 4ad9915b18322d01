import type { TextSink } from "./output.ts";

const encoder = new TextEncoder();

/** A standard stream, written to before `write` returns, so that nothing is lost at exit. */
export function standardStream(stream: { writeSync(data: Uint8Array): number }): TextSink {
  return {
    write(text) {
      const bytes = encoder.encode(text);
      let written = 0;
      while (written < bytes.length) written += writeSome(stream, bytes.subarray(written));
    },
  };
}

/** Writes what fits. Where nobody reads any more, the rest counts as written: it is not missed. */
function writeSome(stream: { writeSync(data: Uint8Array): number }, bytes: Uint8Array): number {
  try {
    return stream.writeSync(bytes);
  } catch (error) {
    if (isReaderGone(error)) return bytes.length;
    if (error instanceof Deno.errors.WouldBlock) return 0;
    throw error;
  }
}

/** `msquicd ls | head -1` closes the pipe early; EIO is what a closed terminal says. */
export function isReaderGone(error: unknown): boolean {
  if (error instanceof Deno.errors.BrokenPipe) return true;
  return error instanceof Error && "code" in error && error.code === "EIO";
}
