const TAIL_BYTES = 8192;

/** The last lines of a file, oldest first; none if there is no such file. */
export function lastLinesOf(path: string, count: number): string[] {
  try {
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    const start = Math.max(0, size - TAIL_BYTES);
    file.seekSync(start, Deno.SeekMode.Start);
    const bytes = new Uint8Array(size - start);
    const read = file.readSync(bytes) ?? 0;
    const lines = new TextDecoder().decode(bytes.subarray(0, read)).split("\n");
    // The first may be cut.
    return lines.slice(start > 0 ? 1 : 0).filter((line) => line !== "").slice(-count);
  } catch {
    return [];
  }
}
