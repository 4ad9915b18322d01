import assert from "node:assert/strict";
import { delay } from "../../../base/mod.ts";
import type { Connection, Stream } from "../../../ffi/mod.ts";

/** What two ends that have nothing to send still say to each other within 20 ms, in bytes. */
const FEW_FRAMES = 4096;

/** The one stream that the peer has opened. */
export async function firstStream(connection: Connection): Promise<Stream> {
  const { value } = await connection.streams[Symbol.asyncIterator]().next();
  assert.ok(value !== undefined, "the connection ended without a stream");
  return value;
}

/** All bytes up to the peer's last. */
export async function readAll(stream: Stream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) {
    chunks.push(chunk.slice());
  }
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** Bytes that differ from each of their neighbourhoods, so that a misplaced piece shows. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + (i >> 16)) & 0xFF;
  return bytes;
}

/** Checks an error's code. */
export function rejectsWith(code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof Error && "code" in error, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };
}

/** Resolves when a connection moves no more data: what may be sent has been. */
export async function quiet(connection: Connection): Promise<void> {
  for (let looks = 0, seen = 0; looks < 5; looks++) {
    await delay(20);
    const { bytesReceived, bytesSent } = connection.statistics();
    const moved = bytesReceived + bytesSent;
    if (moved > seen + 2 * FEW_FRAMES) looks = 0;
    seen = moved;
  }
}
