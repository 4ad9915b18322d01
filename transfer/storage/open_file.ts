/** What the bytes of a file are read from, from where it is positioned on. */
export interface ReadableFile extends Disposable {
  /** @returns How many bytes; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** @returns Where it is positioned then. */
  seek(offset: number, whence: Deno.SeekMode): Promise<number>;
  /** What it is by now. */
  stat(): Promise<Pick<Deno.FileInfo, "size" | "mtime">>;
}

/** What the bytes of a file are written to, behind those that are there. */
export interface WritableFile {
  /** @returns How many bytes were written. */
  write(bytes: Uint8Array): Promise<number>;
}
