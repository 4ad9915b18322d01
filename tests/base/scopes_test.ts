import assert from "node:assert/strict";
import { isScope } from "../../base/scopes.ts";

Deno.test("isScope() takes what names a right, and nothing like it", () => {
  const good = [
    ...["read", "write", "delete", "system", "admin"],
    ...[
      "call:*",
      "call:example.shout",
      "call:a_b-c.d0",
      "call:32768",
      "call:0x8000",
      "call:0XFFFF",
    ],
    ...["action:*", "action:restart-db"],
  ];
  for (const scope of good) assert.ok(isScope(scope), scope);
  const bad: unknown[] = [
    ...["", "*", "Read", "read ", "use", "none", "action", "call", "call:", "action:", "read:*"],
    ...["call:ping pong", "call:Shout", "call:a..b", "call:32767", "call:65536", "call:0x7fff"],
    ...[
      "call:a:b",
      "call:**",
      `call:${"a".repeat(129)}`,
      "action:Restart",
      "action:a b",
      "action:1",
    ],
    ...[undefined, null, 5, ["read"], {}, "__proto__", "constructor"],
  ];
  for (const scope of bad) assert.ok(!isScope(scope), String(scope));
});
