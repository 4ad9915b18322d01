import assert from "node:assert/strict";
import type { Connection, Stream } from "../../../ffi/mod.ts";

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
