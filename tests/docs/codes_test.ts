import assert from "node:assert/strict";
import { EXIT_CODES, ExitCode } from "../../cli/exit_codes.ts";
import {
  ApplicationError,
  CONNECTION_STATES,
  messages,
  rightsOf,
  SESSION_END_REASONS,
  SESSION_ENDERS,
  WIRE_ERRORS,
} from "../../protocol/mod.ts";
import { assertKept } from "../fixtures/kept_text.ts";
import { codeOf, read, ROOT, section, tablesIn, tableUnder } from "./markdown.ts";
import { withTable } from "./written_tables.ts";

const protocol = read("docs/protocol.md");

Deno.test("docs/protocol.md lists the error codes that servers answer with", () => {
  const [, codes = []] = tablesIn(section(protocol, "Errors"));
  assert.deepEqual(codes.map(([code]) => codeOf(code)).sort(), Object.keys(WIRE_ERRORS).sort());
});

Deno.test("docs/protocol.md names only error codes that there are", () => {
  const messages = section(protocol, "Messages");
  for (const [line] of messages.matchAll(/^Errors?: .*$/gm)) {
    for (const [, code = ""] of line.matchAll(/`([a-z-]+)`/g)) {
      assert.ok(Object.hasOwn(WIRE_ERRORS, code), `${code} in: ${line}`);
    }
  }
});

Deno.test("docs/protocol.md lists QUIC's application error codes as they are", () => {
  const table = tableUnder(protocol, "Application error codes of QUIC");
  const stated = table.map((
    [code, name = ""],
  ) => [camelCase(name.replaceAll("`", "")), Number(code)]);
  assert.deepEqual(Object.fromEntries(stated), { ...ApplicationError });
});

Deno.test("docs/protocol.md lists the messages as they are defined", () => {
  const [stated = []] = tablesIn(section(protocol, "Messages"));
  const defined = Object.values(messages).sort((one, other) => one.type - other.type);
  assert.deepEqual(
    stated.map(([type, name, right, , answer]) => [
      Number(type),
      codeOf(name),
      Array.from((right ?? "").matchAll(/`([a-z]+)`/g), ([, code]) => code),
      answer !== "none",
    ]),
    defined.map((message) => [
      message.type,
      message.name,
      "right" in message ? rightsOf(message.right) : [],
      "parseResponse" in message,
    ]),
  );
});

Deno.test("docs/scripts.md has the exit code of every error code", () => {
  if (Deno.env.get("MSQUICD_UPDATE") === "1") writeExitCodes();
  const stated = new Map<string, number>();
  for (const [exit, , codes = ""] of tableUnder(read("docs/scripts.md"), "Exit codes")) {
    for (const [, code = ""] of codes.matchAll(/`([a-z0-9-]+)`/g)) {
      assert.ok(!stated.has(code), `${code} is there twice`);
      stated.set(code, Number(exit));
    }
  }
  assert.deepEqual(sorted(stated), sorted(EXIT_CODES));
});

Deno.test("README.md and README.zh-CN.md name the exit codes that there are", () => {
  const sentences = [["README.md", "Exit codes: "], ["README.zh-CN.md", "退出码："]] as const;
  for (const [document, from] of sentences) {
    const text = read(document);
    const start = text.indexOf(from);
    const sentence = text.slice(start, text.indexOf("\n\n", start)).replaceAll(/`[^`]*`/g, "");
    const stated = Array.from(sentence.matchAll(/\d+/g), ([code]) => Number(code));
    assert.deepEqual(stated, Object.values(ExitCode), document);
  }
});

/** Writes the codes into the table; `deno fmt` makes it straight. */
function writeExitCodes(): void {
  const text = read("docs/scripts.md");
  const rows = text.replaceAll(/^\| +(\d+) +\|([^|]*)\|[^|]*\|$/gm, (_, exit, means) => {
    const codes = Array.from(EXIT_CODES).filter(([, other]) => other === Number(exit));
    return `| ${exit} |${means}| ${codes.map(([code]) => `\`${code}\``).join(", ")} |`;
  });
  Deno.writeTextFileSync(`${ROOT}/docs/scripts.md`, rows);
}

function sorted(codes: Iterable<readonly [string, number]>): [string, number][] {
  return Array.from(codes, ([code, exit]): [string, number] => [code, exit])
    .sort(([a], [b]) => a < b ? -1 : 1);
}

/** `shutting down` and `file.put` as they are called in code. */
function camelCase(name: string): string {
  return name.replaceAll(/[ .-]([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

Deno.test("docs/protocol.md has the states of connections, and why sessions end, as they are", () => {
  const text = section(protocol, "Connection");
  for (const word of [...CONNECTION_STATES, ...SESSION_ENDERS]) {
    assert.ok(text.includes(`\`${word}\``));
  }
  const rows = Object.entries<{ means: string; code?: number }>(SESSION_END_REASONS).map(
    ([reason, { means, code }]) => [`\`${reason}\``, means, code === undefined ? "" : String(code)],
  );
  const table = { heading: "States and ends", columns: ["reason", "meaning", "code"], rows };
  assertKept(`${ROOT}/docs/protocol.md`, protocol, withTable(protocol, table));
});
