import assert from "node:assert/strict";
import {
  builtinHandlers,
  HandlerConflictError,
  HandlerRegistry,
  type MessageHandler,
} from "../../handlers/messages/mod.ts";
import { messages, MessageType } from "../../protocol/mod.ts";

function handler(type: number, name: string): MessageHandler {
  return { type, name, right: "use", handle: () => ({}) };
}

Deno.test("HandlerRegistry finds handlers by type", () => {
  const one = handler(0x8000, "one");
  const two = handler(0xffff, "two");
  const registry = new HandlerRegistry([one]);
  registry.register(two);
  assert.equal(registry.find(0x8000), one);
  assert.equal(registry.find(0xffff), two);
  assert.equal(registry.find(0x8001), undefined);
  assert.deepEqual([...registry], [one, two]);
});

Deno.test("HandlerRegistry refuses types and names that are taken or invalid", () => {
  const registry = new HandlerRegistry([handler(0x8000, "one")]);
  const cases: [number, string, RegExp][] = [
    [0x8000, "two", /"one" has the type already/],
    [0x8001, "one", /type 32768 has the name already/],
    [MessageType.hello, "two", /hello/],
    [-1, "two", /0 to 65535/],
    [0x10000, "two", /0 to 65535/],
    [1.5, "two", /0 to 65535/],
  ];
  for (const [type, name, message] of cases) {
    assert.throws(() => registry.register(handler(type, name)), (error) => {
      assert.ok(error instanceof HandlerConflictError);
      assert.equal(error.code, "handler-conflict");
      assert.match(error.message, message);
      return true;
    });
  }
  assert.equal([...registry].length, 1);
});

Deno.test("builtinHandlers serve every message of the protocol but those of connections and machines", () => {
  const served = [...new HandlerRegistry(builtinHandlers())].map(({ name }) => name);
  const names = Object.values(messages).map(({ name }) => name)
    .filter((name) =>
      !["hello", "goaway", "farewell"].includes(name) && !name.startsWith("system.")
    );
  assert.deepEqual(served.sort(), names.sort());
});
