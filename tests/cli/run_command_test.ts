import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/app.ts";
import { Output } from "../../cli/text/output.ts";
import { runCommand } from "../../cli/run_command.ts";
import "../fixtures/loaded_msquic.ts";
import { collector } from "./collector.ts";

const PLAIN = { interactive: false, color: false, columns: 80 };

function run(...words: string[]) {
  return runAs({ insideShell: false }, ...words);
}

async function runAs({ insideShell }: { insideShell: boolean }, ...words: string[]) {
  const stdout = collector();
  const stderr = collector();
  const json = words.includes("--json");
  const exitCode = await runCommand(words, {
    output: new Output({ json, stdout, stderr }),
    stdout: PLAIN,
    stderr: { ...PLAIN, sink: stderr },
    instance: "no-such-instance",
    insideShell,
    runShell: () => Promise.resolve(),
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
  const { version, commit, deno, v8, msquic, msquicTested, slowCalls, os, arch } = value;
  assert.equal(commit, null, "there is none in an executable");
  assert.equal(deno, Deno.version.deno);
  assert.match(msquic, /^2\.\d+\.\d+$/);
  assert.ok(msquicTested.includes(msquic), `the tests run with MsQuic ${msquic}: say so`);
  assert.equal(slowCalls, null);
  assert.equal(
    stdout,
    `msquicd ${version} (from source, ${os} ${arch})\nDeno ${deno} (V8 ${v8})\nMsQuic ${msquic}\n` +
      `Tested with MsQuic ${msquicTested.join(", ")}\n`,
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
    [["stauts"], /no command "stauts" \(did you mean status\?\).*msquicd --help/],
    [["constructor"], /no command "constructor"/],
    [["put"], /needs at least one FILE; see: .*msquicd put --help/],
    [["ls", "--frob"], /no flag --frob.*; see: .*msquicd ls --help/],
    [["ls", "a", "b"], /msquicd ls --help/],
    [["ping", "-n", "x"], /a whole number from 1 to/],
    [
      ["put", "x", "--overwrite", "perhaps"],
      /--overwrite takes never, always or newer, not "perhaps"/,
    ],
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

// B8.
Deno.test("runCommand() says what is wrong with words in words of its own", async () => {
  const cases: [string[], string][] = [
    [["-q"], "There is no flag -q here; flags come after the command; --help lists the commands"],
    [
      ["--json=", "ls"],
      "There is no flag --json= here; flags come after the command; --help lists the commands",
    ],
    [["ls", "-q"], "There is no flag -q; see: ls --help"],
    [["ls", "-qx"], "There is no flag -q; see: ls --help"],
    [["ls", "--nosuch"], "There is no flag --nosuch; see: ls --help"],
    [["ls", "--nosuch=1"], "There is no flag --nosuch; see: ls --help"],
    [["ls", "--servr", "x"], "There is no flag --servr (did you mean --server?); see: ls --help"],
    [["ls", "--no-json"], "There is no flag --no-json (did you mean --json?); see: ls --help"],
    [
      ["ls", "--x"],
      "There is no flag --x; a name that begins with a dash comes after --; see: ls --help",
    ],
    [
      ["ping", "-n5"],
      "There is no flag -n5; a name that begins with a dash comes after --; see: ping --help",
    ],
    [["ping", "-n"], "-n needs a value; see: ping --help"],
    [
      ["ping", "-n", "x"],
      'Cannot use "x" as -n: a whole number from 1 to 100000 is wanted; see: ping --help',
    ],
    [["ping", "--count="], "--count needs a value; see: ping --help"],
    [
      ["ping", "--count", "--insecure"],
      "--count needs a value; one that begins with a dash is written --count=VALUE; see: ping --help",
    ],
    [["ping", "--count", "5", "--count", "6"], "--count is given twice; see: ping --help"],
    [["ping", "x"], "ping takes no arguments, and here are more; see: ping --help"],
    [["ls", "a", "b"], "ls takes one argument, and here are more; see: ls --help"],
    [["ls", "--json=", "a"], "--json takes no value; see: ls --help"],
    [["ls", "--json=maybe"], "--json takes no value; see: ls --help"],
    [["ls", "--insecure=true"], "--insecure takes no value; see: ls --help"],
    [["start", "--no-shell=yes"], "--no-shell takes no value; see: start --help"],
    [["stat"], "stat needs NAME; see: stat --help"],
    [["stat", ""], "NAME is empty; see: stat --help"],
    [["ls", "--instance", ""], "--instance needs a value; see: ls --help"],
    [["start", "--root="], "--root needs a value; see: start --help"],
    [["restart"], "restart needs at least one PORT; see: restart --help"],
    [
      ["restart", "x"],
      'Cannot use "x" as PORT: a port from 1 to 65535 is wanted; see: restart --help',
    ],
    [["ports", "reserve"], "ports reserve needs PORT; see: ports reserve --help"],
    [["config", "nonsense"], 'There is no command "config nonsense"; see: config --help'],
    [["config", "constructor"], 'There is no command "config constructor"; see: config --help'],
    [
      ["start", "--port-policy", "a\x1bb"],
      '--port-policy takes skip or refuse, not "a\\u{1b}b"; see: start --help',
    ],
  ];
  for (const [words, message] of cases) {
    const { exitCode, stdout, stderr } = await runAs({ insideShell: true }, ...words);
    assert.equal(stderr, `msquicd: ${message}\n`);
    assert.deepEqual([exitCode, stdout], [2, ""], words.join(" "));
  }
});

Deno.test("runCommand() takes what begins with a dash as a name behind --, and as a value behind =", async () => {
  for (
    const words of [["stat", "--", "-n5"], ["stat", "x", "--instance=no-such"], [
      "ls",
      "--token=-x",
    ]]
  ) {
    assert.match((await run(...words)).stderr, /No manager is running/, words.join(" "));
  }
});

// I2.
Deno.test("runCommand() never repeats the value of --token, nor what stands in a wrong place", async () => {
  const secret = "secret-abcdef";
  const lines = [
    ["ls", "--token", `--${secret}`],
    ["ls", "--token", "-secret"],
    ["ls", "--token", `--${secret}=x`],
    ["ls", "--token", "a", "--token", secret],
    ["ls", "--token", secret, "--token=b"],
    ["ls", "--token=", "x", secret],
    ["ping", "--insecure", secret],
    ["ls", "--token", "a b".slice(0, 1), "prefix", secret],
    ["ls", "--fingerprint", secret, "--server", "127.0.0.1:1", "--token", "t"],
  ];
  for (const words of lines) {
    for (const flags of [[], ["--json"]]) {
      const { exitCode, stdout, stderr } = await run(...words, ...flags);
      const said = stdout + stderr;
      assert.equal(exitCode, 2, words.join(" "));
      assert.notEqual(said, "");
      assert.ok(!said.includes("secret"), said);
    }
  }
  const { stderr } = await run("ls", "--token", `--${secret}`);
  assert.match(
    stderr,
    /--token needs a value; one that begins with a dash is written --token=VALUE/,
  );
});

// C7.
Deno.test("runCommand() gives advice that works as it is typed, with the instance that was given", async () => {
  const advice = async (insideShell: boolean, ...words: string[]) =>
    (await runAs({ insideShell }, ...words)).stderr;
  assert.match(await advice(false, "ls", "--frob"), /; see: deno task msquicd ls --help\n$/);
  assert.match(await advice(true, "ls", "--frob"), /; see: ls --help\n$/);
  assert.match(await advice(false, "frob"), /; deno task msquicd --help lists the commands\n$/);
});
