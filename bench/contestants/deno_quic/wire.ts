/**
 * One bidirectional stream per job, integers big-endian:
 *
 * | job      | client                                              | server                          |
 * | -------- | --------------------------------------------------- | ------------------------------- |
 * | exchange | 0, u64 length of the answer, any bytes              | as many bytes as were asked for |
 * | store    | 1, u64 size, u32 length of the name, name, the file | SHA-256 of the file             |
 * | fetch    | 2, u64 0, u32 length of the name, name              | u64 size, the file              |
 *
 * A file is its bytes and the 32 bytes of their SHA-256.
 */
import type { ByteSource, MessageReader } from "../../../protocol/mod.ts";
import type { ByteSink } from "../../../transfer/mod.ts";

/** What is spoken (RFC 7301). */
export const BENCH_ALPN = "msquicd-bench";

/** The first byte of a stream. */
export const Job = { exchange: 0, store: 1, fetch: 2 } as const;

/** How many bytes are read at a time, at first and at most: several times what comes at once. */
const READ_BYTES = { first: 8 * 1024, most: 256 * 1024 } as const;

const NUMBER_BYTES = 8;

/** Encodes the beginning of a stream. */
export function encodeJob(job: number, number: number, name = ""): Uint8Array {
  const text = new TextEncoder().encode(name);
  const bytes = new Uint8Array(1 + NUMBER_BYTES + (name === "" ? 0 : 4 + text.length));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, job);
  view.setBigUint64(1, BigInt(number));
  if (name !== "") {
    view.setUint32(1 + NUMBER_BYTES, text.length);
    bytes.set(text, 1 + NUMBER_BYTES + 4);
  }
  return bytes;
}

/** Encodes a number alone. */
export function encodeNumber(number: number): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

/** Reads what {@linkcode encodeNumber} wrote. */
export async function readNumber(reader: MessageReader): Promise<number> {
  return Number(viewOf(await reader.readExactly(NUMBER_BYTES)).getBigUint64(0));
}

/** Reads the name behind the number. */
export async function readName(reader: MessageReader): Promise<string> {
  const length = viewOf(await reader.readExactly(4)).getUint32(0);
  return new TextDecoder().decode(await reader.readExactly(length));
}

/**
 * Deno's stream as what files and messages are read from: into one buffer, again and again, which is
 * what Deno does fastest, and into a larger one when that gets full.
 */
export function byteSource(readable: ReadableStream<Uint8Array>): ByteSource {
  const reader = readable.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(READ_BYTES.first);
  return {
    async read() {
      const { value } = await reader.read(new Uint8Array(buffer));
      if (value === undefined || value.length === 0) return null;
      const grow = value.length === value.buffer.byteLength && value.length < READ_BYTES.most;
      buffer = grow ? new ArrayBuffer(READ_BYTES.most) : value.buffer;
      return value;
    },
  };
}

/** Deno's stream as what files are sent to. */
export function byteSink(writable: WritableStream<Uint8Array>): ByteSink {
  const writer = writable.getWriter();
  return {
    async send(data, options) {
      const written = writer.write(data);
      if (options?.fin) await Promise.all([written, writer.close()]);
      else await written;
    },
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
