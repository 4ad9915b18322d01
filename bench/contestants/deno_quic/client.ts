import { dirname } from "node:path";
import { MessageReader } from "../../../protocol/mod.ts";
import { receiveFile, sendFile, StagedFile } from "../../../transfer/mod.ts";
import type { BenchClient, BenchConnection, BenchFiles, Target } from "../contestant.ts";
import { checkBytes, PAYLOAD, sendFromMemory } from "../payload.ts";
import { BENCH_ALPN, byteSink, byteSource, encodeJob, Job, readNumber } from "./wire.ts";

const ACKNOWLEDGEMENT_BYTES = 8;

/** Opens a client of `Deno.connectQuic`. */
export async function openClient(target: Target): Promise<BenchClient> {
  const certificate = await Deno.readTextFile(target.certificateFile);
  const stack = new DisposableStack();
  const connect = () =>
    Deno.connectQuic({
      hostname: "127.0.0.1",
      port: target.port,
      serverName: "localhost",
      alpnProtocols: [BENCH_ALPN],
      caCerts: [certificate],
    });
  async function connection(): Promise<Deno.QuicConn> {
    return stack.adopt(await connect(), (connection) => connection.close());
  }
  return {
    connect: async () => benchConnection(await connection()),
    openFiles: async () => benchFiles(await connection()),
    handshake: async () => (await connect()).close(),
    [Symbol.asyncDispose]() {
      stack.dispose();
      return Promise.resolve();
    },
  };
}

function benchConnection(connection: Deno.QuicConn): BenchConnection {
  const head = encodeJob(Job.exchange, PAYLOAD.answer);
  const request = new Uint8Array(head.length + PAYLOAD.request);
  request.set(head);
  return {
    async request() {
      const stream = await connection.createBidirectionalStream();
      const sent = byteSink(stream.writable).send(request, { fin: true });
      const received = await countRest(stream);
      await sent;
      checkBytes("Answer", received, PAYLOAD.answer);
    },
    async upload(bytes, blocks) {
      const stream = await connection.createBidirectionalStream();
      const sink = byteSink(stream.writable);
      const begun = sink.send(encodeJob(Job.exchange, ACKNOWLEDGEMENT_BYTES));
      await Promise.all([begun, sendFromMemory(sink, bytes, blocks)]);
      checkBytes("Acknowledgement", await countRest(stream), ACKNOWLEDGEMENT_BYTES);
    },
    async download(bytes) {
      const stream = await connection.createBidirectionalStream();
      await byteSink(stream.writable).send(encodeJob(Job.exchange, bytes), { fin: true });
      checkBytes("Download", await countRest(stream), bytes);
    },
  };
}

function benchFiles(connection: Deno.QuicConn): BenchFiles {
  return {
    async put(path, name) {
      using file = await Deno.open(path);
      const { size } = await file.stat();
      const stream = await connection.createBidirectionalStream();
      const sink = byteSink(stream.writable);
      const begun = sink.send(encodeJob(Job.store, size, name));
      const [sha256] = await Promise.all([sendFile(sink, file, size), begun]);
      const stored = await new MessageReader(byteSource(stream.readable)).readExactly(32);
      if (stored.toHex() !== sha256) throw new Error(`The server's "${name}" is another file`);
    },
    async get(name, path) {
      const stream = await connection.createBidirectionalStream();
      await byteSink(stream.writable).send(encodeJob(Job.fetch, 0, name), { fin: true });
      const reader = new MessageReader(byteSource(stream.readable));
      const size = await readNumber(reader);
      await using staged = await StagedFile.create(dirname(path));
      await receiveFile(reader, staged.file, size);
      await staged.publish(path);
    },
  };
}

async function countRest(stream: Deno.QuicBidirectionalStream): Promise<number> {
  const source = byteSource(stream.readable);
  let bytes = 0;
  for (let chunk; (chunk = await source.read()) !== null;) bytes += chunk.length;
  return bytes;
}
