import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { getLogger, resetSync } from "@logtape/logtape";
import {
  configureLogging,
  hideInLogs,
  InvalidLogOptionError,
  type LoggingOptions,
  parseLogFormat,
  parseLogLevel,
  passOnLogLine,
  redirectLogs,
  writeLogLine,
} from "../../log/mod.ts";

/** The lines that `action` logs. */
function logged(options: LoggingOptions, action: () => void): string[] {
  const lines: string[] = [];
  using _redirected = redirectLogs((line) => lines.push(line));
  configureLogging(options);
  try {
    action();
  } finally {
    resetSync();
  }
  return lines;
}

const logger = getLogger(["msquicd", "part"]);

Deno.test("configureLogging() writes time, level, part and message in pretty form", () => {
  const say = () => {
    logger.info("Listening on {host}", { host: "127.0.0.1", port: 4433 });
    logger.warn("Odd: {error}", { error: new RangeError("too far") });
  };
  const watched = logged({ level: "debug", format: "pretty", watched: true }, say);
  assert.equal(watched.length, 2);
  const [first = "", second = ""] = watched.map(stripVTControlCharacters);
  assert.match(first, /^\d\d:\d\d:\d\d\.\d{3} INFO {2}part: Listening on 127\.0\.0\.1$/);
  assert.match(second, / WARN {2}part: Odd: too far$/);
  // F4
  const [kept = ""] = logged({ level: "debug", format: "pretty", watched: false }, say);
  assert.match(
    kept,
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO {2}part: Listening on 127\.0\.0\.1$/,
  );
});

Deno.test("passOnLogLine() writes a worker's line as the process's own look", () => {
  const line = "2026-11-30 14:05:09.123 INFO  worker[4433]: Ready";
  const other = "2026-11-30 is no time of ours";
  const pass = () => {
    passOnLogLine(line);
    passOnLogLine(other);
  };
  assert.deepEqual(logged({ level: "info", format: "pretty", watched: false }, pass), [
    line,
    other,
  ]);
  assert.deepEqual(logged({ level: "info", format: "pretty", watched: true }, pass), [
    "14:05:09.123 INFO  worker[4433]: Ready",
    other,
  ]);
});

Deno.test("configureLogging() writes one JSON object a line in json form", () => {
  const lines = logged({ level: "info", format: "json", label: "4433" }, () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    logger.info("First\nline", { size: 12n, time: "faked", error: new TypeError("wrong") });
    logger.error("Cycle", { cycle });
  });
  const [first, second] = lines.map((line) => JSON.parse(line));
  assert.equal(first.level, "info");
  assert.equal(first.part, "part[4433]");
  assert.equal(first.message, "First\nline");
  assert.equal(first.pid, Deno.pid);
  assert.equal(first.size, "12");
  assert.equal(first.error.message, "wrong");
  assert.ok(Math.abs(Date.parse(first.time) - Date.now()) < 60_000);
  assert.equal(second.message, "Cycle");
  assert.ok(lines.every((line) => !line.includes("\n")));
});

Deno.test("configureLogging() keeps back what is below the level, and may be called again", () => {
  const say = () => {
    logger.debug("quiet");
    logger.warn("loud");
  };
  assert.equal(logged({ level: "warning", format: "json" }, say).length, 1);
  assert.equal(logged({ level: "debug", format: "json" }, say).length, 2);
  assert.equal(logged({ level: "fatal", format: "json" }, say).length, 0);
});

Deno.test("a message cannot fake lines or move the cursor", () => {
  const [line = ""] = logged({ level: "info", format: "pretty" }, () => {
    logger.info("Got {name}", { name: "a\u001b[2Jb\n12:00:00.000 ERROR fake\r\u0007" });
  });
  assert.doesNotMatch(line, /\p{Cc}/u);
  assert.match(line, /Got ab\\n12:00/);
});

Deno.test("hideInLogs() keeps a secret out of every line", () => {
  hideInLogs("s3cret-token");
  hideInLogs("");
  const lines = logged({ level: "info", format: "json" }, () => {
    logger.info("It is s3cret-token", { token: "s3cret-token" });
    writeLogLine("a worker said s3cret-token");
  });
  assert.equal(lines.length, 2);
  assert.ok(lines.every((line) => !line.includes("s3cret")));
  assert.equal(lines[1], "a worker said [hidden]");
});

Deno.test("writeLogLine() never throws", () => {
  using _broken = redirectLogs(() => {
    throw new Error("The terminal is gone");
  });
  writeLogLine("anyone?");
});

Deno.test("parseLogLevel() and parseLogFormat() take what there is", () => {
  for (const level of ["trace", "debug", "info", "warning", "error", "fatal"]) {
    assert.equal(parseLogLevel(level), level);
  }
  assert.equal(parseLogLevel(" WARN "), "warning");
  assert.equal(parseLogFormat("json"), "json");
  for (const text of ["", "verbose", "3"]) {
    assert.throws(() => parseLogLevel(text), InvalidLogOptionError);
    assert.throws(() => parseLogFormat(text), InvalidLogOptionError);
  }
});

const SCRIPT = ["../../deno.json", "./fixtures/logs.ts"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url))
);

/** Runs a process that logs, its standard error redirected as a shell would. */
async function runLogger(redirection: string): Promise<[code: number, out: string, err: string]> {
  const command = `exec "$0" run -A --config "$1" "$2" ${redirection}`;
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command, Deno.execPath(), ...SCRIPT],
  }).output();
  const decoder = new TextDecoder();
  return [code, decoder.decode(stdout), decoder.decode(stderr)];
}

Deno.test({
  name: "logs go to standard error alone, uncoloured when it is no terminal",
  ignore: Deno.build.os === "windows",
  async fn() {
    const [code, out, err] = await runLogger("");
    assert.equal(code, 0);
    assert.equal(out, "result\n");
    assert.match(err, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO {2}test: Line 1\n/);
    assert.equal(err.split("\n").length, 1001);
  },
});

for (const redirection of ["2>&-", "2>/dev/full"]) {
  Deno.test({
    name: `a process goes on when it cannot log (${redirection})`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      assert.deepEqual(await runLogger(redirection), [0, "result\n", ""]);
    },
  });
}

Deno.test("a process goes on when nobody reads its log any more", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", ...SCRIPT],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await child.stderr.cancel();
  assert.equal(await new Response(child.stdout).text(), "result\n");
  assert.equal((await child.status).code, 0);
});
