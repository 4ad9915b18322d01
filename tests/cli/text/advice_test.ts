import assert from "node:assert/strict";
import { commandAt } from "../../../cli/definition/command_at.ts";
import { typedName } from "../../../cli/flags.ts";
import { describeError } from "../../../cli/text/describe_error.ts";
import { RemoteError, WIRE_ERRORS } from "../../../protocol/mod.ts";
import { FileExistsError, IsADirectoryError, SymbolicLinkError } from "../../../transfer/mod.ts";
import "../../fixtures/loaded_msquic.ts";

const COMMANDS = ["put", "get", "sync", "mv", "mkdir", "rm", "sum", "ls", "stat"];

/** Whether a command has a flag, as it is typed. */
function hasFlag(command: string, flag: string): boolean {
  const { flags, aliases } = commandAt([command]);
  if (!flag.startsWith("--")) return Object.hasOwn(aliases, flag.slice(1));
  return Object.keys(flags).some((name) => `--${typedName(name)}` === flag);
}

Deno.test("Advice names flags that the command has which failed, or the command that has them", () => {
  const errors: Error[] = [
    ...Object.keys(WIRE_ERRORS).map((code) => new RemoteError(code, "Refused")),
    ...[FileExistsError, IsADirectoryError, SymbolicLinkError].map((type) => new type("Refused")),
  ];
  for (const command of COMMANDS) {
    for (const error of errors) {
      const { code, message } = describeError(error, (words) => words, command);
      // Only a command that has the flag is refused for what it was given.
      if (code === "not-newer" && !hasFlag(command, "--overwrite")) continue;
      for (const [, before = "", flag = ""] of message.matchAll(/(\S+) (--?[a-z][a-z-]*)/g)) {
        const named = commandAt([before]).name;
        if (flag === "--version") continue;
        assert.ok(hasFlag(named || command, flag), `${command}, ${code}: ${message}`);
      }
    }
  }
});

Deno.test("Advice is about what failed, and which way", () => {
  const advice = (code: string, command: string) =>
    describeError(new RemoteError(code, "Refused"), (words) => words, command).message;
  assert.match(
    advice("file-exists", "put"),
    /--overwrite always.* exactly that name.* put --to NAME/,
  );
  assert.doesNotMatch(advice("file-exists", "mkdir"), /--overwrite/);
  assert.match(advice("cannot-resume", "put"), /nothing else sends/);
  assert.doesNotMatch(advice("cannot-resume", "get"), /sends/);
});
