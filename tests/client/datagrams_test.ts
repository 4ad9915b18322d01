import assert from "node:assert/strict";
import * as v from "valibot";
import { CallTimeoutError, connect } from "../../client/mod.ts";
import { builtinHandlers, defineHandler, HandlerRegistry } from "../../handlers/messages/mod.ts";
import {
  decodeDatagram,
  defineMessage,
  encodeDatagram,
  encodeMessage,
  Flags,
  MAX_BODY_LENGTH,
  MessageReader,
  messages,
} from "../../protocol/mod.ts";
import { within } from "../ffi/within.ts";
import { BadNetwork } from "../fixtures/network.ts";
import { type Bench, withServer } from "../fixtures/server.ts";

const PATIENCE_MS = 10_000;
const text = v.object({ text: v.string() });
const shout = defineMessage({ type: 0x8000, name: "test.shout", request: text, response: text });
const swell = defineMessage({ type: 0x8002, name: "test.swell", request: text, response: text });
const quiet = defineMessage({ type: 0x8001, name: "test.quiet", request: text, response: text });

/** Runs a server that takes one of two messages in datagrams, and tells how it got them. */
async function withHandlers(test: (bench: Bench, asked: string[]) => Promise<void>) {
  const asked: string[] = [];
  const handlers = new HandlerRegistry([
    ...builtinHandlers(),
    defineHandler(shout, ({ text }) => {
      asked.push(text);
      return { text: text.toUpperCase() };
    }, { atOnce: true, datagrams: true }),
    defineHandler(swell, ({ text }) => ({ text: text.repeat(200_000) }), {
      atOnce: true,
      datagrams: true,
    }),
    defineHandler(quiet, ({ text }) => {
      asked.push(text);
      return { text: text.toLowerCase() };
    }),
  ]);
  await withServer((bench) => test(bench, asked), { handlers });
}

Deno.test("ping() and call() go in datagrams if that is asked for, and else on streams", async () => {
  await withHandlers(async ({ server, token, fingerprint }, asked) => {
    await using client = await connect({ server, token, fingerprint });
    assert.equal((await client.ping()).datagram, undefined);
    const { ms, time, datagram } = await client.ping({ datagram: true });
    assert.ok(datagram === true && ms >= 0 && Math.abs(time - Date.now()) < 60_000);
    assert.deepEqual(await client.call(shout, { text: "ab" }, { datagram: true }), { text: "AB" });
    const long = "x".repeat(5000);
    const { text } = await client.call(shout, { text: long }, { datagram: true });
    assert.equal(text, long.toUpperCase(), "what is too long goes on a stream");
    assert.deepEqual(await client.call(quiet, { text: "AB" }, { datagram: true }), { text: "ab" });
    assert.deepEqual(asked, ["ab", long, "AB"], "nothing is asked twice");
  });
});

Deno.test("An answer that is made at once may be long, but for a datagram", async () => {
  await withHandlers(async ({ server, token, fingerprint }) => {
    await using client = await connect({ server, token, fingerprint });
    const { text } = await client.call(swell, { text: "x" });
    assert.equal(text, "x".repeat(200_000));
    await assert.rejects(client.call(swell, { text: "x" }, { datagram: true }), {
      code: "body-too-large",
    });
  });
});

Deno.test("Many requests in datagrams at once get each its own answer", async () => {
  await withHandlers(async ({ server, token, fingerprint }) => {
    await using client = await connect({ server, token, fingerprint });
    const words = Array.from({ length: 200 }, (_, index) => `word ${index}`);
    const answers = await Promise.all(
      words.map((text) => client.call(shout, { text }, { datagram: true, timeoutMs: PATIENCE_MS })),
    );
    assert.deepEqual(answers.map(({ text }) => text), words.map((word) => word.toUpperCase()));
  });
});

Deno.test("A datagram that is lost costs its request, and no other", async () => {
  await withHandlers(async ({ port, token, fingerprint }) => {
    await using network = await BadNetwork.start({ targets: [port] });
    const server = `127.0.0.1:${network.port}`;
    await using client = await connect({ server, token, fingerprint });
    await client.ping({ datagram: true, timeoutMs: PATIENCE_MS });
    await network.outage(0.4);
    await assert.rejects(client.ping({ datagram: true, timeoutMs: 100 }), CallTimeoutError);
    await client.ping(); // is sent again, until it arrives
    await client.ping({ datagram: true, timeoutMs: PATIENCE_MS });
    const signal = AbortSignal.abort(new Error("Not any more"));
    await assert.rejects(client.ping({ datagram: true, signal }), /Not any more/);
  });
});

Deno.test({
  name: "Another QUIC client has its datagrams answered",
  ignore: Deno.build.os !== "linux", // as Deno's own QUIC
  async fn() {
    await withHandlers(async ({ port, token, certificateFile }) => {
      const endpoint = new Deno.QuicEndpoint();
      const connection = await Deno.connectQuic({
        ...{ hostname: "127.0.0.1", port, serverName: "localhost", endpoint },
        ...{ caCerts: [await Deno.readTextFile(certificateFile)], alpnProtocols: ["msquicd/1"] },
      });
      try {
        const { readable, writable } = await connection.createBidirectionalStream();
        const writer = writable.getWriter();
        await writer.write(encodeMessage({ type: messages.hello.type, body: { token } }));
        await writer.close();
        const reader = readable.getReader();
        const read = async () => (await reader.read()).value ?? null;
        assert.equal((await new MessageReader({ read }).readMessage()).flags, Flags.response);
        const asked = encodeDatagram(42, { type: shout.type, body: { text: "deno" } });
        await connection.sendDatagram(asked);
        const answer = await within(PATIENCE_MS, "a datagram", connection.readDatagram());
        assert.deepEqual(decodeDatagram(answer, MAX_BODY_LENGTH), {
          number: 42,
          message: { type: shout.type, flags: Flags.response, body: { text: "DENO" } },
        });
        await reader.cancel().catch(() => {});
      } finally {
        connection.close();
        endpoint.close();
      }
    });
  },
});
