import "../fixtures/loaded_msquic.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../../cli/app.ts";
import { describeError } from "../../cli/text/describe_error.ts";
import { EXIT_CODES } from "../../cli/exit_codes.ts";
import { RemoteError, WIRE_ERRORS } from "../../protocol/mod.ts";
import { assertKept } from "../fixtures/kept_text.ts";
import { CATALOGUE } from "./catalogue.ts";
import { findErrorClasses } from "./classes.ts";
import { commandsIn, findFaults, isCommand } from "./rules.ts";
import { argumentsOf, ownTextsIn, sourceFiles, textsIn } from "./source.ts";
import { type Refusal, refusals } from "./refusals.ts";

const FILE = fileURLToPath(new URL("messages.txt", import.meta.url));

const files = sourceFiles();
const written = files.flatMap(textsIn);
/** Reasons that follow a colon, and words of a log line: no sentences of their own. */
const sentences = written.filter(({ text }) => /^[A-Z"$-]/.test(text));
const refused = await refusalsHere();

/** Every message, of which `messages.txt` has a copy to be read. */
function allMessages(): { what: string; code?: string; message: string }[] {
  return [
    ...CATALOGUE.map((error) => ({ what: error.name, ...describeError(error) })),
    ...Object.entries(WIRE_ERRORS).map(([code, message]) => ({
      what: "wire error",
      ...describeError(new RemoteError(code, message)),
    })),
    ...refused,
    ...written.map(({ path, to, text }) => ({ what: `${path} ${to}`, message: text })),
  ];
}

Deno.test("Every class of errors is exported, and is in the catalogue or is given its message", async () => {
  const { found, hidden } = await findErrorClasses();
  assert.deepEqual(hidden, []);
  const own = new Set(files.flatMap(ownTextsIn).map(({ to }) => to));
  const missing = found.filter(({ name, constructor }) =>
    !CATALOGUE.some((error) => error.constructor === constructor) &&
    (own.has(name) || !written.some(({ to }) => to === name) && !isRelayed(name))
  );
  assert.deepEqual(missing.map(({ path, name }) => `${path}: ${name}`), []);
});

Deno.test({
  name: "Every message is in messages.txt, to be read",
  ignore: Deno.build.os === "windows", // whose paths and reasons are others
  fn: compareMessages,
});

function compareMessages(): void {
  const lines = allMessages().map(({ what, code, message }) =>
    `${what}${code === undefined ? "" : ` (${code})`}\n    ${message.replaceAll("\n", "\n    ")}\n`
  );
  assertKept(FILE, Deno.readTextFileSync(FILE), lines.join("\n"));
}

Deno.test("Every message is a sentence of this product", () => {
  const faults = [
    ...allMessages().filter(({ code }) => code !== undefined),
    ...sentences.map(({ path, to, text }) => ({ what: `${path} ${to}`, message: text })),
  ].flatMap(({ what, message }) =>
    findFaults(message).filter((fault) => !isAllowed(what, fault)).map((fault) =>
      `${what}: ${fault}: ${message}`
    )
  );
  assert.deepEqual(faults, []);
});

Deno.test("Every command in a message can be typed", () => {
  const commands = [
    ...allMessages().filter(({ code }) => code !== undefined).flatMap(({ message }) =>
      commandsIn(message)
    ),
    ...files.flatMap((file) => argumentsOf("commandLine", file)),
  ];
  assert.ok(commands.length > 10, String(commands.length));
  assert.deepEqual(commands.filter((command) => !isCommand(command)), []);
});

Deno.test("Commands in the code's messages come from commandLine(), which knows how they are typed", () => {
  const literal = [...written, ...files.flatMap(ownTextsIn)]
    .filter(({ text }) =>
      Array.from(text.matchAll(/(?<![\w/.-])msquicd ([a-z-]+)/g)).some(([, word]) =>
        word !== undefined && Object.hasOwn(COMMANDS, word)
      )
    );
  assert.deepEqual(literal.map(({ path, text }) => `${path}: ${text}`), []);
});

Deno.test("Every error code has an exit code that was thought of", () => {
  const codes = new Set(allMessages().flatMap(({ code }) => code ?? []));
  for (const { text } of files) {
    for (const [, code] of text.matchAll(/readonly code(?:: [^=;]*)? = "([a-z-]+)"/g)) {
      codes.add(code ?? "");
    }
  }
  assert.deepEqual([...codes].filter((code) => !EXIT_CODES.has(code)).sort(), []);
});

/** Classes that carry a message from another process, which has worded it. */
function isRelayed(name: string): boolean {
  return ["RequestFailedError"].includes(name);
}

/** What is for who writes programs names functions: MsQuic's, and Deno's. */
function isAllowed(what: string, fault: string): boolean {
  if (what === "NestedManagerError") return fault.endsWith("Deno.");
  return what.includes("MsQuicError") && /QUIC_STATUS_|capital|sentence/.test(fault);
}

/** With a state directory of their own, so that no manager of this machine is asked. */
async function refusalsHere(): Promise<Refusal[]> {
  const before = Deno.env.get("MSQUICD_STATE_DIR");
  Deno.env.set("MSQUICD_STATE_DIR", "/no-such-directory/msquicd");
  try {
    return await refusals();
  } finally {
    if (before === undefined) Deno.env.delete("MSQUICD_STATE_DIR");
    else Deno.env.set("MSQUICD_STATE_DIR", before);
  }
}
