/** What every read takes. */
export interface ReadOptions {
  /** Ends the wait: the read then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Where a {@linkcode MessageReader} reads from: one direction of a QUIC stream, or something like it. */
export interface ByteSource {
  /** Whether it is known that there are no more bytes, without asking for them. */
  readonly exhausted?: boolean;
  /**
   * The next bytes, or `null` after the last.
   *
   * The bytes are borrowed: they are valid until the next call.
   */
  read(options?: ReadOptions): Promise<Uint8Array | null>;
  /**
   * Is told that so many more of its bytes are kept in memory of their own, or fewer where that is negative; until all
   * are done with.
   */
  hold?(bytes: number): void;
}
