import assert from "node:assert/strict";
import { SETTLE_MS } from "../../bench/limit/session_memory.ts";
import { KEYS } from "../../manager/mod.ts";
import { SERVER_SETTINGS, STREAM_WINDOWS } from "../../worker/settings.ts";
import { codeIn, read, section, type Table, tableUnder } from "./markdown.ts";

interface Line {
  name: string;
  unit: string;
  own: { median: number };
  others: { who: string; summary: { median: number }; ratio: number; hold?: number }[];
  bound?: number;
}

interface Results {
  date: string;
  options: { rounds: number };
  machine: Record<string, string | number>;
  lines: Line[];
}

const results: Results = JSON.parse(read("bench/results.json"));
const performance = read("docs/performance.md");

/** The rows of the tables, by the names that their lines have in the results. */
const PERFORMANCE = [
  ...["upload", "download", "requests", "requests-cores", "messages", "latency", "handshakes"],
  ...["upload-peers", "download-peers", "requests-peers", "file-programs", "small-files"],
  ...["small-files-get", "ipc-round-trip-asleep"],
  ...["ipc-round-trip", "ipc-one-way", "start", "killed-worker", "idle", "session-memory"],
  ...["memory-idle", "memory-upload"],
];
const README = [
  ...["upload", "download", "requests", "latency", "handshakes", "upload-peers", "download-peers"],
  ...["requests-peers", "put", "get", "killed-worker", "idle"],
];

Deno.test("docs/performance.md shows the last run as bench/results.json has it", () => {
  const table = tableUnder(performance, "Last run");
  assert.equal(table.length, PERFORMANCE.length);
  for (const [index, name] of PERFORMANCE.entries()) {
    const [what = "", own = "", against = "", ratio = "", hold = ""] = table[index] ?? [];
    const line = lineOf(name);
    const others = line.others.filter(({ who }) => who !== "one worker");
    assertFigures(what, own.replace("3 workers", ""), [line.own.median]);
    assertFigures(what, against, others.map(({ summary }) => summary.median));
    assertFigures(what, ratio, others.map(({ ratio }) => ratio));
    const held = line.bound ?? others[0]?.hold ?? NaN;
    const unit = hold.endsWith(" s") ? 1000 : 1;
    assert.equal(figuresIn(hold)[0] && Number(figuresIn(hold)[0]) * unit, held, what);
    if (!name.endsWith("-peers")) assert.ok(own.includes(line.unit), `${what}: ${own}`);
  }
});

Deno.test("README.md and README.zh-CN.md show figures of the last run", () => {
  for (
    const [document, heading] of [["README.md", "How fast"], ["README.zh-CN.md", "性能"]] as const
  ) {
    const table: Table = tableUnder(read(document), heading);
    assert.equal(table.length, README.length, document);
    for (const [index, name] of README.entries()) {
      const [what = "", own = "", against = ""] = table[index] ?? [];
      const line = lineOf(name);
      assertFigures(what, own, [line.own.median]);
      assertFigures(what, against, line.others.map(({ summary }) => summary.median));
    }
  }
});

Deno.test("The documents say when and where the last run was", () => {
  const { date, machine, options: { rounds } } = results;
  const text = section(performance, "Last run").replaceAll(/\s+/g, " ");
  const memory = Math.round(Number(machine.memoryBytes) / 2 ** 30);
  const kernel = /^Linux \d+\.\d+/.exec(String(machine.kernel))?.[0] ?? "";
  const facts = [
    `${date.slice(0, 10)}, medians of ${rounds === 3 ? "three" : rounds} rounds`,
    `--rounds ${rounds}`,
    `${machine.cpu}, ${machine.cores} cores`,
    `${memory} GiB, ${kernel}, Deno ${machine.deno}, MsQuic ${machine.msquic}`,
    `quic-go ${machine.quicGo}`,
  ];
  for (const fact of facts) assert.ok(text.includes(fact), fact);
  const readme = read("README.md").replaceAll(/\s+/g, " ");
  assert.ok(readme.includes(`${machine.cpu}, ${memory} GiB, ${kernel}, Deno ${machine.deno}`));
  const cores = lineOf("requests-cores").others.find(({ who }) => who === "one worker");
  assert.ok(text.includes(`Two workers served ${cores?.ratio.toFixed(2)} of what one did`));
});

Deno.test("What the documents say in prose of restarts, deadlines and benchmarks is so", () => {
  const flat = (path: string) => read(path).replaceAll(/\s+/g, " ");
  const restart = Math.round(lineOf("killed-worker").own.median);
  assert.ok(flat("docs/architecture.md").includes(`took ${restart} ms in the last run`));
  assert.ok(Math.abs(restart - 250) <= 50, "README: about a quarter of a second");
  assert.match(read("README.md"), /replaced, in about a quarter of a second/);
  assert.match(read("README.zh-CN.md"), /约四分之一秒即被替换/);
  assert.ok(flat("docs/performance.md").includes(`has had ${SETTLE_MS / 1000} s of rest`));
  const stallMs = KEYS.stallDeadlineMs.default;
  const stableMs = KEYS.restart.keys.stableAfterMs.default;
  assert.ok(flat("docs/development.md").includes(`(${stallMs / 1000} s by default)`));
  assert.ok(
    flat("docs/architecture.md").includes(
      `after a stable run (${stableMs / 1000} s)`,
    ),
  );
});

Deno.test("The native server's windows are those that its comment says", () => {
  const source = read("native/limit/options.c");
  const [, stream, clientStream] = /streamWindow = \(server \? (\d+) : (\d+)\)/.exec(source) ?? [];
  const mebibytes = (bytes: number) => String(bytes / 2 ** 20);
  assert.equal(stream, mebibytes(STREAM_WINDOWS.usual));
  assert.ok(source.includes(`which is ${mebibytes(SERVER_SETTINGS.connFlowControlWindow)} MiB`));
  const client = read("client/connect.ts");
  assert.ok(client.includes(`streamRecvWindow: ${clientStream} * 1024 * 1024`));
});

Deno.test("README.zh-CN.md has the same commands and the same numbers as README.md", () => {
  const [english, chinese] = [read("README.md"), read("README.zh-CN.md")];
  assert.deepEqual(codeIn(chinese).map(withoutProse), codeIn(english).map(withoutProse));
  assert.deepEqual(commandsIn(chinese), commandsIn(english));
  assert.deepEqual(flagsIn(chinese), flagsIn(english));
});

Deno.test("assertFigures() takes a figure as exact as it is written", () => {
  assertFigures("", "52,800 /s, 0.7 %", [52_767.2, 0.6999]);
  assert.throws(() => assertFigures("", "52,800", [52_899]));
  assert.throws(() => assertFigures("", "15.3", [15.36]));
  assert.throws(() => assertFigures("", "15.3", []));
});

function lineOf(name: string): Line {
  return results.lines.find((line) => line.name === name) ?? assert.fail(`No line ${name}`);
}

/** The figures in a cell; a "3 workers" or a "2 of GiB" is none of them. */
function figuresIn(cell: string): string[] {
  return cell.match(/(?<![\w.-])\d[\d,]*(?:\.\d+)?/g) ?? [];
}

function assertFigures(what: string, cell: string, values: readonly number[]): void {
  const figures = figuresIn(cell);
  assert.equal(figures.length, values.length, `${what}: ${cell}`);
  for (const [index, figure] of figures.entries()) {
    const value = values[index] ?? NaN;
    const [whole = "", decimals = ""] = figure.replaceAll(",", "").split(".");
    // What follows the last digit that is not zero is not stated.
    const zeros = decimals === "" ? /0*$/.exec(whole)?.[0].length ?? 0 : 0;
    const unit = decimals === "" ? 10 ** Math.min(zeros, whole.length - 2) : 10 ** -decimals.length;
    const stated = Number(`${whole}.${decimals}`);
    const error = Math.abs(stated - value);
    assert.ok(error <= unit / 2 * 1.0001, `${what}: ${figure} stands for ${value}`);
  }
}

/** A block of code without its comments, which are translated. */
function withoutProse(code: string): string {
  return code.split("\n").map((line) => line.replace(/(^|\s)(#|\/\/|\().*$/, "").trimEnd()).join(
    "\n",
  );
}

/** What the table of commands names. */
function commandsIn(text: string): string[] {
  return Array.from(text.matchAll(/^\|([^|]+(?:\\\|[^|]+)*)\|/gm), ([, cell = ""]) => cell)
    .flatMap((cell) => cell.match(/`[^`]+`/g) ?? []);
}

function flagsIn(text: string): string[] {
  return [...new Set(text.match(/--[a-z][a-z-]+/g))].sort();
}
