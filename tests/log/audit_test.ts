import { configureSync, resetSync } from "@logtape/logtape";
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import {
  audit,
  auditLine,
  auditTo,
  auditToFile,
  hasAuditFile,
  hideInLogs,
  passOnAudit,
} from "../../log/mod.ts";

Deno.test("auditLine() makes one line of JSON, whatever is in the record", () => {
  const anything = fc.string({ unit: "binary" });
  fc.assert(fc.property(anything, anything, anything, (event, result, target) => {
    const line = auditLine({ event, result, target });
    // deno-lint-ignore no-control-regex
    assert.match(line, /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]*\n$/u);
    const parsed = JSON.parse(line);
    assert.deepEqual(Object.keys(parsed), ["time", "event", "result", "target"]);
    assert.equal(parsed.target, target.isWellFormed() ? target : parsed.target);
  }));
});

Deno.test("auditLine() says when, shortens what is long, and hides what is secret", () => {
  const secret = "a-secret-of-the-audit-test";
  hideInLogs(secret);
  const details = { target: "x".repeat(5000), peer: secret, port: 4433, agent: undefined };
  const line = auditLine({ event: "file.put", result: "ok", ...details }, new Date(0));
  assert.deepEqual(JSON.parse(line), {
    time: "1970-01-01T00:00:00.000Z",
    event: "file.put",
    result: "ok",
    target: `${"x".repeat(1024)}…`,
    peer: "[hidden]",
    port: 4433,
  });
});

Deno.test("audit() writes to the log where there is no other place, whatever its level is", () => {
  const lines: string[] = [];
  configureSync({
    reset: true,
    sinks: { list: ({ message }) => void lines.push(message.join("")) },
    loggers: [
      { category: ["msquicd", "audit"], sinks: ["list"], lowestLevel: "info" },
      { category: ["logtape", "meta"], lowestLevel: "fatal" },
    ],
  });
  try {
    audit({ event: "token.add", result: "ok", name: "a\nb" });
    audit({ event: "token.add", result: "ok" }, "{event} of nobody");
    assert.deepEqual(lines, ['token.add: ok {"name":"a\\nb"}', "token.add of nobody"]);
    const own: string[] = [];
    {
      using _place = auditTo((text) => void own.push(text));
      assert.ok(hasAuditFile());
      audit({ event: "token.revoke", result: "ok" });
      passOnAudit("a line of another process\n");
    }
    assert.ok(!hasAuditFile());
    passOnAudit("nobody's\n");
    assert.equal(lines.length, 2);
    assert.match(own[0] ?? "", /"event":"token.revoke"/);
    assert.equal(own[1], "a line of another process\n");
  } finally {
    resetSync();
  }
});

Deno.test("auditToFile() makes a file for the owner alone, and refuses what it cannot write to", async () => {
  const directory = await Deno.makeTempDir({ prefix: "msquicd-audit-" });
  try {
    const path = join(directory, "audit.jsonl");
    {
      await using _file = await auditToFile(path);
      audit({ event: "one", result: "ok" });
      audit({ event: "two", result: "ok" });
    }
    const events = (await Deno.readTextFile(path)).trimEnd().split("\n")
      .map((line) => JSON.parse(line).event);
    assert.deepEqual(events, ["one", "two"]);
    if (Deno.build.os !== "windows") {
      assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
      await Deno.symlink(path, join(directory, "link"));
      await assert.rejects(auditToFile(join(directory, "link")), { code: "log-is-link" });
    }
    await assert.rejects(auditToFile(join(directory, "none", "x")), Deno.errors.NotFound);
    assert.ok(!hasAuditFile());
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
