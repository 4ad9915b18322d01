import { connect, type ConnectOptions } from "../../client/mod.ts";
import { Output } from "../../cli/text/output.ts";
import { runCommand } from "../../cli/run_command.ts";
import { type ManagerFlags, resolveConfig } from "../../manager/mod.ts";
import { parseConfig } from "../../manager/config/parse_config.ts";
import { Server, type ServerOptions } from "../../worker/mod.ts";
import { parseFileName } from "../../protocol/mod.ts";
import { collector } from "../cli/collector.ts";
import { splitLine } from "../../cli/shell/split_line.ts";
import "../fixtures/loaded_libc.ts";

/** Something that is refused, and what is said then. */
export interface Refusal {
  readonly what: string;
  readonly code: string;
  readonly message: string;
}

const LINES = [
  "-q",
  "--nosuch",
  "statu",
  "frobnicate",
  "config nonsense",
  "ls -q",
  "ls --nosuch",
  "ls --servr h:1",
  "ls --no-json",
  "ls --x",
  "ls a b",
  "ls --json=maybe",
  "ls --token",
  "ls --token=",
  "ls --token --secret",
  "ls --token a --token b",
  "ls --server nonsense --token t --insecure",
  "ls --server h:0 --token t --insecure",
  "ls --server h:1 --insecure",
  "ls --server h:1 --token t",
  "ls --server h:1 --token t --insecure --ca x",
  "ls --server h:1 --token t --fingerprint abc",
  "ls --server h:1 --token t --ca /no-such-file",
  "ls --instance A",
  "ls",
  "status",
  "ping -n x",
  "ping x",
  "put",
  "put /no-such-file",
  "put /etc/hostname --to ../x",
  "put x --overwrite perhaps",
  "stat",
  "rm",
  "restart",
  "restart 0",
  "restart all 4433",
  "stop 1 --deadline soon",
  "ports reserve",
  "ports reserve x",
  "spawn --port 70000",
  "config check /no-such-file",
  "start --config /no-such-file",
  "start --ports 0-3",
  "start --ports 1,1",
  "start --ports 4433-",
  "start --ports 9-1",
  "start --ports 1-999",
  "start --ports 1 --workers 1",
  "start --workers 0",
  "start --host example.org",
  "start --root=",
  "start --no-shell=yes",
  "start --port-policy perhaps",
  "start --on-manager-loss perhaps",
  "start --log-level loud",
  "start --log-format xml",
];

const CONFIGURATIONS = [
  "",
  "{",
  "[]",
  "{} x",
  '{"workers": 1, "workers": 2}',
  '{"nosuch": 1}',
  '{"host": ""}',
  '{"host": "example.org"}',
  '{"ports": ""}',
  '{"ports": [1, 1]}',
  '{"ports": []}',
  '{"workers": 0}',
  '{"workers": 1, "ports": "1"}',
  '{"root": ""}',
  '{"root": 3}',
  '{"logLevel": "loud"}',
  '{"logFormat": "xml"}',
  '{"stallDeadlineMs": 5}',
  '{"stopDeadlineMs": -1}',
  '{"onManagerLoss": "x"}',
  '{"portPolicy": "x"}',
  '{"restart": {"jitter": 2}}',
  '{"restart": {"nosuch": 2}}',
  '{"restart": {"doNotRestartExitCodes": [1, 1]}}',
  '{"overrides": {"x": {}}}',
  '{"overrides": 3}',
];

const FLAGS: readonly Record<string, unknown>[] = [
  { root: "" },
  { hosts: "x" },
  { Host: "x" },
  { workers: 1.5 },
  { stopDeadlineMs: NaN },
  { restart: { intensity: NaN } },
  { overrides: {} },
  { onManagerLoss: "x" },
  { instance: "" },
];

const CONNECTS: readonly Record<string, unknown>[] = [
  {},
  { server: "h:1" },
  { server: "h:1", token: "t" },
  { server: "h:1", token: "t", fingerPrint: "x" },
  { server: "h:1", token: "t", insecure: false },
  { server: "h:1", token: "t", insecure: true, caFile: "x" },
  { server: "h:1", token: "t", insecure: true, timeoutMs: NaN },
  { server: [], token: "t", insecure: true },
];

const NAMES = ["", "a//b", "/a", "../a", "a\\b", "a:b", "CON", " a", "a.", ".msquicd/x", "\ud800"];

/** All of it, by really refusing it. */
export async function refusals(): Promise<Refusal[]> {
  const lines: Refusal[] = [];
  for (const line of LINES) lines.push(await refusedLine(line));
  const connects: Refusal[] = [];
  for (const options of CONNECTS) {
    const what = `connect(${JSON.stringify(options)})`;
    connects.push(await refused(what, () => connect(options as unknown as ConnectOptions)));
  }
  return [
    ...lines,
    ...await allRefused(
      "msquicd.jsonc",
      CONFIGURATIONS,
      (text) => parseConfig(text, "msquicd.jsonc"),
    ),
    ...await allRefused("resolveConfig", FLAGS, (flags) => resolveConfig(flags as ManagerFlags)),
    ...connects,
    await refused("Server.start({})", () => Server.start({} as unknown as ServerOptions)),
    ...await allRefused("file name", NAMES, (name) => parseFileName(name)),
    await refused('the line ls "a', () => splitLine('ls "a')),
  ];
}

async function refusedLine(line: string): Promise<Refusal> {
  const plain = { interactive: false, color: false, columns: 80 };
  const stdout = collector();
  const stderr = collector();
  const code = await runCommand(splitLine(line), {
    output: new Output({ json: true, stdout, stderr }),
    stdout: plain,
    stderr: Object.assign({ ...plain, sink: stderr }),
    instance: "no-such-instance",
    insideShell: false,
    runShell: () => Promise.resolve(),
    interruption: () => ({ signal: new AbortController().signal, [Symbol.dispose]() {} }),
  }, stdout);
  if (code === 0) throw new Error(`It is not refused: msquicd ${line}`);
  const { error } = JSON.parse(stdout.text);
  return { what: `msquicd ${line}`, code: error.code, message: error.message };
}

async function allRefused<Value>(
  what: string,
  values: readonly Value[],
  run: (value: Value) => unknown,
): Promise<Refusal[]> {
  const all: Refusal[] = [];
  for (const value of values) {
    all.push(await refused(`${what} ${JSON.stringify(value)}`, () => run(value)));
  }
  return all;
}

async function refused(what: string, run: () => unknown): Promise<Refusal> {
  try {
    await run();
  } catch (error) {
    const { code, message } = Object(error);
    return { what, code: String(code), message: String(message) };
  }
  throw new Error(`It is not refused: ${what}`);
}
