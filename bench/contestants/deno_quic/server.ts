import { join } from "node:path";
import { MessageReader } from "../../../protocol/mod.ts";
import { receiveFile, sendFile, StagedFile } from "../../../transfer/mod.ts";
import type { BenchServer, ServerSetup } from "../contestant.ts";
import { sendFromMemory } from "../payload.ts";
import {
  BENCH_ALPN,
  byteSink,
  byteSource,
  encodeNumber,
  Job,
  readName,
  readNumber,
} from "./wire.ts";

/** Starts a server of `Deno.QuicEndpoint`. */
export async function startServer(setup: ServerSetup): Promise<BenchServer> {
  const [cert, key] = await Promise.all([
    Deno.readTextFile(setup.certificateFile),
    Deno.readTextFile(setup.privateKeyFile),
  ]);
  const endpoint = new Deno.QuicEndpoint({ hostname: "127.0.0.1", port: 0 });
  const listener = endpoint.listen({
    cert,
    key,
    alpnProtocols: [BENCH_ALPN],
    maxConcurrentBidirectionalStreams: 256,
  });
  void accept(listener, setup.root);
  return {
    port: endpoint.addr.port,
    token: "",
    [Symbol.asyncDispose]() {
      listener.stop();
      endpoint.close();
      return Promise.resolve();
    },
  };
}

async function accept(listener: Deno.QuicListener, root: string): Promise<void> {
  for await (const incoming of listener) void serveConnection(incoming, root);
}

async function serveConnection(incoming: Deno.QuicIncoming, root: string): Promise<void> {
  try {
    const connection = await incoming.accept();
    for await (const stream of connection.incomingBidirectionalStreams) {
      void serveStream(stream, root);
    }
  } catch {
    // That is how a client's leaving shows.
  }
}

async function serveStream(stream: Deno.QuicBidirectionalStream, root: string): Promise<void> {
  try {
    await doJob(stream, root);
  } catch (error) {
    console.error("Deno QUIC server:", error);
    await stream.writable.abort(error).catch(() => {}); // is over already, perhaps
  }
}

async function doJob(stream: Deno.QuicBidirectionalStream, root: string): Promise<void> {
  const reader = new MessageReader(byteSource(stream.readable));
  const sink = byteSink(stream.writable);
  const [job] = await reader.readExactly(1);
  const number = await readNumber(reader);
  switch (job) {
    case Job.exchange: {
      for await (const _chunk of reader.rest());
      return await sendFromMemory(sink, number);
    }
    case Job.store: {
      const path = join(root, await readName(reader));
      await using staged = await StagedFile.create(root);
      const sha256 = await receiveFile(reader, staged.file, number);
      await staged.publish(path);
      return await sink.send(Uint8Array.fromHex(sha256), { fin: true });
    }
    case Job.fetch: {
      using file = await Deno.open(join(root, await readName(reader)));
      const { size } = await file.stat();
      const announced = sink.send(encodeNumber(size));
      await Promise.all([announced, sendFile(sink, file, size)]);
    }
  }
}
