import { ByteSlab, type Connection, minAckDelayMs } from "../../../ffi/mod.ts";
import {
  encodeMessage,
  fieldsOf,
  Flags,
  MessageReader,
  messages,
  MessageType,
  RemoteError,
} from "../../../protocol/mod.ts";
import type { BenchConnection } from "../contestant.ts";
import { checkBytes, PAYLOAD, sendFromMemory } from "../payload.ts";
import { BenchType, dataField } from "./handlers.ts";

// The client library has the same.
const slab = new ByteSlab();
const allocate = (length: number) => slab.take(length);

/** Says hello on a new connection. */
export async function openConnection(
  connection: Connection,
  token: string,
): Promise<BenchConnection> {
  const body = { token, minAckDelayMs: minAckDelayMs() };
  const answer = await ask(encodeMessage({ type: MessageType.hello, body }));
  const { minAckDelayMs: peerMinMs } = messages.hello.parseResponse(answer);
  if (peerMinMs !== undefined) connection.acknowledgeSooner(peerMinMs);
  const data = new Uint8Array(PAYLOAD.request);
  return {
    async request() {
      const body = await ask(encodeMessage({ type: BenchType.request, body: { data } }, allocate));
      checkBytes("Answer", dataField(fieldsOf(body)).length, PAYLOAD.answer);
    },
    async upload(bytes, blocks) {
      const stream = await connection.openStream();
      const frame = encodeMessage({ type: BenchType.upload, flags: Flags.data, body: {} });
      const sent = stream.send(frame);
      await Promise.all([sent, sendFromMemory(stream, bytes, blocks)]);
      const reader = new MessageReader(stream);
      checkBytes("Upload", Number(fieldsOf(await readBody(reader)).bytes), bytes);
      await reader.expectEnd();
    },
    async download(bytes, blocks) {
      const stream = await connection.openStream();
      const body = blocks === undefined ? { bytes } : { bytes, blocks };
      const frame = encodeMessage({ type: BenchType.download, body });
      const sent = stream.send(frame, { fin: true });
      const reader = new MessageReader(stream);
      await readBody(reader);
      let received = 0;
      for await (const chunk of reader.rest()) received += chunk.length;
      await sent;
      checkBytes("Download", received, bytes);
    },
  };

  async function ask(frame: Uint8Array): Promise<unknown> {
    const stream = await connection.openStream();
    const sent = stream.send(frame, { fin: true });
    const reader = new MessageReader(stream, allocate);
    const body = await readBody(reader);
    await reader.expectEnd();
    await sent;
    return body;
  }
}

async function readBody(reader: MessageReader): Promise<unknown> {
  const { flags, body } = await reader.readMessage();
  if ((flags & Flags.error) !== 0) throw RemoteError.from(body);
  return body;
}
