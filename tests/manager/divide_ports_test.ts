import assert from "node:assert/strict";
import { dividePorts } from "../../manager/divide_ports.ts";
import type { PortPlan } from "../../manager/ports.ts";

const NAMED: PortPlan = { kind: "explicit", ports: [5, 4, 9] };
const COUNTED: PortPlan = { kind: "from-base", base: 4, count: 3 };

Deno.test("dividePorts fits what is served into a plan", () => {
  const cases: [PortPlan, number[], number[], number[], number[]][] = [
    [NAMED, [], [], [], [5, 4, 9]],
    [NAMED, [9, 5], [5, 9], [], [4]],
    [NAMED, [9, 7, 5, 4, 6], [5, 4, 9], [6, 7], []],
    [COUNTED, [], [], [], [4, 5, 6]],
    [COUNTED, [5], [5], [], [4, 6]],
    // One that had to move keeps its place.
    [COUNTED, [4, 8], [4, 8], [], [5]],
    [COUNTED, [4, 5, 6, 9, 8], [4, 5, 6], [8, 9], []],
  ];
  for (const [plan, served, kept, surplus, wanted] of cases) {
    assert.deepEqual(dividePorts(plan, served), { kept, surplus, wanted }, served.join());
  }
});
