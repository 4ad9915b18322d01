import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { concat } from "../../base/mod.ts";
import {
  encodeErrorAnswer,
  encodeMessage,
  FIRST_CUSTOM_TYPE,
  Flags,
  MAX_BODY_LENGTH,
  MessageReader,
  messages,
  MessageType,
  ProtocolError,
  takeDeadline,
  WIRE_ERRORS,
  withDeadline,
} from "../../protocol/mod.ts";
import { wholeSource } from "./chunked_source.ts";

const text = await Deno.readTextFile(new URL("../../docs/protocol.md", import.meta.url));

/** Bytes of the document's example; what stands to the right of them explains them. */
function example(name: string): Uint8Array {
  const block = new RegExp(`^\`\`\`hex ${name}\n([^]*?)^\`\`\``, "m").exec(text)?.[1];
  assert.ok(block !== undefined, `The document has no example ${name}`);
  const bytes = block.split("\n").flatMap((line) => {
    const hex = /^(?:[0-9a-f]{2}(?: |$))*/.exec(line)?.[0] ?? "";
    return hex.split(" ").filter(Boolean).map((byte) => parseInt(byte, 16));
  });
  return Uint8Array.from(bytes);
}

Deno.test("docs/protocol.md shows a hello as it is sent", () => {
  const { hello: type } = MessageType;
  const request = { type, body: { token: "open sesame", agent: "demo/1" } };
  assert.deepEqual(example("hello-request"), encodeMessage(request));
  const answer = { session: "7f3a", server: "msquicd/0.1.0", maxBodyLength: MAX_BODY_LENGTH };
  const { response: flags } = Flags;
  assert.deepEqual(example("hello-answer"), encodeMessage({ type, flags, body: answer }));
  assert.deepEqual(messages.hello.parseResponse(answer), answer);
  const error = new ProtocolError("wrong-token", WIRE_ERRORS["wrong-token"]);
  assert.deepEqual(example("hello-refused"), encodeErrorAnswer(type, error));
});

Deno.test("docs/protocol.md shows a ping as it is sent", async () => {
  const { ping: type } = MessageType;
  assert.deepEqual(example("ping-request"), encodeMessage({ type, body: {} }));
  const answer = await new MessageReader(wholeSource(example("ping-answer"))).readMessage();
  const body = { time: Date.UTC(2026, 0, 1) };
  assert.deepEqual(answer, { type, flags: Flags.response, body });
});

Deno.test("docs/protocol.md shows an upload as it is sent", () => {
  const { filePut: type } = MessageType;
  const file = new TextEncoder().encode("hi\n");
  const message = encodeMessage({ type, flags: Flags.data, body: { name: "hi.txt", size: 3 } });
  const hash = createHash("sha256").update(file).digest();
  assert.deepEqual(example("put-request"), concat([message, file, hash]));
});

Deno.test("docs/protocol.md shows a deadline and a sequence as they are sent", () => {
  const type = FIRST_CUSTOM_TYPE;
  const body = withDeadline({ to: 2 }, 5000);
  assert.deepEqual(example("sequence-request"), encodeMessage({ type, body }));
  assert.equal(takeDeadline(body), 5000);
  assert.deepEqual(body, { to: 2 });
  const answers = [
    encodeMessage({ type, flags: Flags.response, body: { number: 0 } }),
    encodeErrorAnswer(type, new ProtocolError("deadline-exceeded", "Late")),
  ];
  assert.deepEqual(example("sequence-answer"), concat(answers));
});

// Its tables of types, codes and limits are compared in `tests/docs/`.
Deno.test("docs/protocol.md has a section for every type, and every flag", () => {
  for (const { name, type } of Object.values(messages)) {
    assert.match(text, new RegExp(`^### ${name} \\(${type}\\)$`, "m"));
  }
  for (const [name, flag] of Object.entries(Flags)) {
    assert.match(text, new RegExp(`^\\| ${name.toUpperCase()} +\\| +${flag} \\|`, "m"));
  }
});
