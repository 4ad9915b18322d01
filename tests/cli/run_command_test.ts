import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/app.ts";
import { Output } from "../../cli/output.ts";
import { runCommand } from "../../cli/run_command.ts";
import "../fixtures/loaded_msquic.ts";
import { collector } from "./collector.ts";

const PLAIN = { interactive: false, color: false, columns: 80 };

async function run(...words: string[]) {
  const stdout = collector();
  const stderr = collector();
  const json = words.includes("--json");
  const exitCode = await runCommand(words, {
    output: new Output({ json, stdout, stderr }),
    stdout: PLAIN,
    stderr: { ...PLAIN, sink: stderr },
    instance: "no-such-instance",
    insideShell: false,
    interruption: () => ({ signal: new AbortController().signal, [Symbol.dispose]() {} }),
  }, stdout);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

Deno.test("runCommand() without words, with help or --help lists every command", async () => {
  for (const words of [[], ["help"], ["--help"], ["-h"]]) {
    const { exitCode, stdout, stderr } = await run(...words);
    assert.equal(exitCode, 0);
    assert.equal(stderr, "");
    for (const command of Object.keys(COMMANDS)) {
      assert.match(stdout, new RegExp(`^ {2}${command} +\\S`, "m"), command);
    }
  }
});

Deno.test("runCommand() explains each command", async () => {
  for (const command of Object.keys(COMMANDS)) {
    const { exitCode, stdout } = await run(command, "--help");
    assert.equal(exitCode, 0);
    assert.match(stdout, new RegExp(`^USAGE\n {2}msquicd ${command}`), command);
    if (!/^COMMANDS$/m.test(stdout)) assert.match(stdout, /--json/);
    assert.equal((await run("help", command)).stdout, stdout);
  }
});

Deno.test("runCommand() prints the versions of msquicd, Deno and MsQuic", async () => {
  const { exitCode, stdout } = await run("--version");
  assert.equal(exitCode, 0);
  const value = JSON.parse((await run("--version", "--json")).stdout);
  const { version, commit, deno, v8, msquic, os, arch } = value;
  assert.equal(commit, null, "there is none in an executable");
  assert.equal(deno, Deno.version.deno);
  assert.match(msquic, /^2\.\d+\.\d+$/);
  assert.equal(
    stdout,
    `msquicd ${version} (from source, ${os} ${arch})\nDeno ${deno} (V8 ${v8})\nMsQuic ${msquic}\n`,
  );
  assert.equal((await run("version")).stdout, stdout);
});

Deno.test("runCommand() prints the licences", async () => {
  const { exitCode, stdout } = await run("licenses");
  assert.equal(exitCode, 0);
  for (const word of ["MIT License", "MsQuic", "OpenSSL", "Deno", "V8", "@stricli/core"]) {
    assert.ok(stdout.includes(word), word);
  }
});

Deno.test("runCommand() calls wrong usage wrong, with what to do about it", async () => {
  const cases: [string[], RegExp][] = [
    [["statu"], /no command "statu", did you mean status\?.*msquicd --help/],
    [["constructor"], /no command "constructor"/],
    [["put"], /FILE.*see: msquicd put --help/],
    [["ls", "--frob"], /--frob.*see: msquicd ls --help/],
    [["ls", "a", "b"], /msquicd ls --help/],
    [["ping", "-n", "x"], /a whole number from 1 to/],
    [["put", "x", "--overwrite", "perhaps"], /never\|always\|newer/],
    [["ls", "--token"], /--token/],
    [["ls", "--server", "nonsense", "--token", "t", "--insecure"], /HOST:PORT/],
    [["ls", "--server", "h:1", "--token", "t"], /--fingerprint/],
    [["start", "--ports", "0-3"], /0 is not between 1 and 65535/],
    [["start", "--host", "example.org"], /IP address/],
    [["start", "--workers", "0"], /1 to 256/],
  ];
  for (const [words, message] of cases) {
    const { exitCode, stdout, stderr } = await run(...words);
    const said = words.join(" ");
    assert.equal(exitCode, 2, said);
    assert.equal(stdout, "", said);
    assert.match(stderr, /^msquicd: [^\n]+\n$/, said);
    assert.match(stderr, message, said);
  }
});

Deno.test("runCommand() with --json says errors as one value, and nothing else", async () => {
  const cases: [string[], string, number][] = [
    [["status", "--json"], "no-manager", 3],
    [["shutdown", "--json"], "no-manager", 3],
    [["ls", "--json"], "no-manager", 3],
    [["ls", "--frob", "--json"], "usage", 2],
    [["put", "/no/such/file", "--json"], "not-found", 3],
  ];
  for (const [words, code, exit] of cases) {
    const { exitCode, stdout, stderr } = await run(...words);
    assert.equal(exitCode, exit, words.join(" "));
    const { error } = JSON.parse(stdout);
    assert.deepEqual(Object.keys(error), ["code", "message"]);
    assert.equal(error.code, code);
    assert.equal(stderr, "");
  }
});
