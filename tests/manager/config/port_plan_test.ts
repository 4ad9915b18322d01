import assert from "node:assert/strict";
import fc from "fast-check";
import { InvalidPortsError, parsePorts } from "../../../manager/config/port_plan.ts";

Deno.test("parsePorts() reads ports and ranges in order", () => {
  assert.deepEqual(parsePorts("4433"), [4433]);
  assert.deepEqual(parsePorts("4433-4435,4500"), [4433, 4434, 4435, 4500]);
  assert.deepEqual(parsePorts(" 9 , 1 - 2 "), [9, 1, 2]);
  assert.deepEqual(parsePorts("65535"), [65535]);
  assert.deepEqual(parsePorts("0,4433,0"), [0, 4433, 0]);
});

Deno.test("parsePorts() says what is wrong", () => {
  const wrong: [string, RegExp][] = [
    ["", /"" is neither a port nor a range/],
    ["4433,", /"" is neither/],
    ["abc", /"abc" is neither/],
    ["-1", /"-1" is neither/],
    ["1-2-3", /neither/],
    ["4433.5", /neither/],
    ["0-3", /0 is not between 1 and 65535/],
    ["65536", /65536 is not between/],
    ["99999", /99999 is not between/],
    ["4435-4433", /runs backwards/],
    ["4433,4430-4440", /port 4433 is named twice/],
    ["1-60000", /more than 256/],
    ["1-200,300-400", /more than 256/],
  ];
  for (const [text, message] of wrong) {
    assert.throws(() => parsePorts(text), (error) => {
      assert.ok(error instanceof InvalidPortsError, text);
      assert.equal(error.code, "invalid-ports");
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("parsePorts() reads back any list of distinct ports", () => {
  const ports = fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), {
    minLength: 1,
    maxLength: 256,
  });
  fc.assert(fc.property(ports, (list) => assert.deepEqual(parsePorts(list.join(",")), list)));
});

Deno.test("parsePorts() throws nothing but InvalidPortsError", () => {
  const text = fc.string({ unit: fc.constantFrom(..."0123456789,- x") });
  fc.assert(fc.property(text, (given) => {
    try {
      assert.ok(parsePorts(given).every((port) => port >= 0 && port <= 65535));
    } catch (error) {
      assert.ok(error instanceof InvalidPortsError);
    }
  }));
});
