/** Bytes of each message in the IPC benchmarks. */
export const MESSAGE_BYTES = 128;

const BUFFER_BYTES = 64 * 1024;

/** Yields how many whole messages each read completed, until the peer closes. */
export async function* readMessages(connection: Deno.Conn): AsyncGenerator<number, void, void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  let partial = 0;
  for (;;) {
    const read = await connection.read(buffer);
    if (read === null) return;
    const bytes = partial + read;
    partial = bytes % MESSAGE_BYTES;
    yield (bytes - partial) / MESSAGE_BYTES;
  }
}
