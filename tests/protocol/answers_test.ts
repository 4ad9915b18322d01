import assert from "node:assert/strict";
import {
  encodeAnswer,
  encodeErrorAnswer,
  Flags,
  MessageReader,
  MessageType,
  ProtocolError,
} from "../../protocol/mod.ts";
import { wholeSource } from "./chunked_source.ts";

Deno.test("encodeAnswer() marks the message as an answer of the request's type", async () => {
  const bytes = encodeAnswer(MessageType.fileGet, { name: "a" }, Flags.data);
  assert.deepEqual(await new MessageReader(wholeSource(bytes)).readMessage(), {
    type: MessageType.fileGet,
    flags: Flags.response | Flags.data,
    body: { name: "a" },
  });
});

Deno.test("encodeErrorAnswer() carries code and message", async () => {
  const bytes = encodeErrorAnswer(0x9000, new ProtocolError("unknown-type", "Unknown type 36864"));
  assert.deepEqual(await new MessageReader(wholeSource(bytes)).readMessage(), {
    type: 0x9000,
    flags: Flags.response | Flags.error,
    body: { code: "unknown-type", message: "Unknown type 36864" },
  });
});
