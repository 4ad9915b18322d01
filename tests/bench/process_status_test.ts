import assert from "node:assert/strict";
import { cpuMs, peakResidentBytes, residentBytes } from "../../bench/process_status.ts";

Deno.test("cpuMs() adds user and system time, whatever the program is called", () => {
  const stat = "812 (a) b (c) S 1 812 812 0 -1 4194560 5 6 7 8 120 34 0 0 20 0 12 0 99 1 2";
  assert.equal(cpuMs(stat), 1540);
});

Deno.test("peakResidentBytes() reads the high-water mark", () => {
  const status = "Name:\tdeno\nVmPeak:\t  99 kB\nVmHWM:\t  70000 kB\nVmRSS:\t  60000 kB\n";
  assert.equal(peakResidentBytes(status), 71_680_000);
});

Deno.test("residentBytes() reads what is resident now", () => {
  assert.equal(residentBytes("VmHWM:\t  70000 kB\nVmRSS:\t  60000 kB\n"), 61_440_000);
});

Deno.test("peakResidentBytes() does not make a number up", () => {
  assert.ok(Number.isNaN(peakResidentBytes("Name:\tdeno\n")));
});
