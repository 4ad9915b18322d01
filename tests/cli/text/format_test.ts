import assert from "node:assert/strict";
import { formatBytes, formatRate, formatTime, printable } from "../../../cli/text/format.ts";

Deno.test("formatBytes() uses binary units with at most one decimal", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [1, "1 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [102_400, "100 KiB"],
    [1_048_575, "1 MiB"],
    [64 * 2 ** 20, "64 MiB"],
    [2 ** 30 + 2 ** 29, "1.5 GiB"],
    [Number.MAX_SAFE_INTEGER, "8 PiB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text, String(bytes));
});

Deno.test("formatRate() tells bytes per second, and survives a duration of zero", () => {
  assert.equal(formatRate(2048, 1000), "2 KiB/s");
  assert.equal(formatRate(2048, 500), "4 KiB/s");
  assert.equal(formatRate(2048, 0), "2 KiB/s");
});

Deno.test("formatTime() pads every part", () => {
  const time = new Date(2026, 0, 2, 3, 4, 5).getTime();
  assert.equal(formatTime(time), "2026-01-02 03:04:05");
});

Deno.test("printable() shows what would move the cursor as escapes", () => {
  assert.equal(printable("plain ünïcode 名.txt"), "plain ünïcode 名.txt");
  assert.equal(printable("a\x1b[2Jb"), "a\\u{1b}[2Jb");
  assert.equal(printable("a\u202eb\nc"), "a\\u{202e}b\\u{a}c");
});
