import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  encodeMessage,
  type FilePutRequest,
  Flags,
  MessageReader,
  messages,
  MessageType,
} from "../../protocol/mod.ts";
import { wholeSource } from "../protocol/chunked_source.ts";
import { type Answer, FakeStream, type SessionBench } from "../worker/fakes.ts";

const { filePut, filePutMany } = MessageType;

/** What became of each file: `ok`, or a code. */
type Outcomes = string[];

function sha256(data: Uint8Array): Uint8Array {
  return createHash("sha256").update(data).digest();
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A file as it goes among many. */
export function packed(name: string, text: string, more: Partial<FilePutRequest> = {}): Uint8Array {
  const data = bytesOf(text);
  const body = { name, size: data.length, ...more };
  const message = encodeMessage({ type: filePut, flags: Flags.data, body });
  return Buffer.concat([message, data, sha256(data)]);
}

/** What comes before the files. */
export function head(body: { repeated?: number } = {}): Uint8Array {
  return encodeMessage({ type: filePutMany, flags: Flags.data, body });
}

/** Sends files in chunks of the given lengths, in turn. */
export function send(
  bench: SessionBench,
  files: Uint8Array[],
  { repeated, lengths = [1 << 20] }: { repeated?: number; lengths?: number[] } = {},
): Promise<Answer> {
  const body = repeated === undefined ? {} : { repeated };
  const bytes = new Uint8Array(Buffer.concat([head(body), ...files]));
  const chunks: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    chunks.push(bytes.subarray(at, at += length));
  }
  return bench.connection.open(new FakeStream(chunks)).answer();
}

/** Takes a sequence of answers apart: what became of each file, and the error at its end, if there is one. */
export async function outcomesOf(
  answer: Promise<Answer>,
): Promise<{ outcomes: Outcomes; end?: string }> {
  const { type, flags, body, data } = await answer;
  const outcomes: Outcomes = [];
  const first = encodeMessage({ type, flags, body });
  const reader = new MessageReader(wholeSource(new Uint8Array(Buffer.concat([first, data]))));
  for (let next = await reader.readNext(); next !== undefined; next = await reader.readNext()) {
    if ((next.flags & Flags.error) !== 0) {
      return { outcomes, end: String((next.body as { code: unknown }).code) };
    }
    const { count, failures = [] } = messages.filePutMany.parseResponse(next.body);
    const codes = Array<string>(count).fill("ok");
    for (const { index, code } of failures) codes[index] = code;
    outcomes.push(...codes);
  }
  return { outcomes };
}
