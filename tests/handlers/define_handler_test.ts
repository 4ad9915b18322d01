import assert from "node:assert/strict";
import { defineHandler, HandlerRegistry } from "../../handlers/messages/mod.ts";
import {
  fieldsOf,
  FIRST_CUSTOM_TYPE,
  Flags,
  integerField,
  type MessageDefinition,
} from "../../protocol/mod.ts";
import { SessionBench } from "../worker/fakes.ts";

const double: MessageDefinition<{ number: number }, { result: number }> = {
  type: FIRST_CUSTOM_TYPE,
  name: "test.double",
  right: "use",
  parseRequest: (body) => ({ number: integerField(fieldsOf(body), "number", 0, 100) }),
  parseResponse: (body) => ({ result: integerField(fieldsOf(body), "result", 0, 200) }),
};

Deno.test("A message of one's own is its definition and a handler for it", async () => {
  const handler = defineHandler(double, ({ number }) => ({ result: 2 * number }));
  assert.deepEqual([handler.type, handler.name], [FIRST_CUSTOM_TYPE, "test.double"]);
  await using bench = await SessionBench.open({ handlers: new HandlerRegistry([handler]) });
  const { flags, body } = await bench.connection.request(double.type, { number: 21 }).answer();
  assert.deepEqual([flags, body], [Flags.response, { result: 42 }]);
});

Deno.test("A request that is not as defined is refused before its handler sees it", async () => {
  let served = 0;
  const handler = defineHandler(double, () => {
    served++;
    return { result: 0 };
  });
  await using bench = await SessionBench.open({ handlers: new HandlerRegistry([handler]) });
  for (const number of [101, "1", undefined]) {
    const { flags, body } = await bench.connection.request(double.type, { number }).answer();
    assert.deepEqual([flags, body.code], [Flags.response | Flags.error, "bad-body"]);
    assert.match(String(body.message), /^Field "number" is/);
  }
  assert.equal(served, 0);
});
