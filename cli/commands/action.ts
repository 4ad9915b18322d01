import { buildCommand, buildRouteMap } from "@stricli/core";
import { type ConnectionFlags, connectionFlags, openClient } from "../files/connection_flags.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { jsonFlag, parseText, portFlag } from "../flags.ts";

type Flags = ConnectionFlags & { port?: number; json: boolean };

const flags = { ...connectionFlags, port: portFlag, json: jsonFlag };

const listCommand = buildCommand<Flags, [], CliContext>({
  docs: { brief: "List the actions that a server's operator has defined" },
  parameters: { flags },
  async func({ port, ...flags }) {
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal, { port });
    const actions = await client.actions({ signal });
    if (this.output.json) return this.output.result(actions);
    const [{ showActions }, { viewOf }] = await Promise.all([
      import("../text/actions.ts"),
      import("../text/view.ts"),
    ]);
    this.output.line(showActions(actions, viewOf(this.stdout, flags.instance ?? this.instance)));
  },
});

const runCommand = buildCommand<Flags, string[], CliContext>({
  docs: {
    brief: "Have a server run one of its operator's actions",
    fullDescription: [
      "Have a server run one of its operator's actions, and show what it writes as it comes. It is",
      "ended with all that it has started when this command is. The exit code is 0 if that of the",
      "action is, 5 if its time was over, and otherwise 1; which it was is told.",
    ].join("\n"),
  },
  parameters: {
    flags,
    positional: {
      kind: "array",
      minimum: 1,
      parameter: {
        parse: parseText,
        placeholder: "NAME [KEY=VALUE]",
        brief: "Name of the action, and its arguments",
      },
    },
  },
  async func({ port, ...flags }, name = "", ...words) {
    const given = argumentsOf(words);
    using interruption = this.interruption();
    const { signal } = interruption;
    await using client = await openClient(flags, this, signal, { port });
    const { runAction } = await import("../files/actions.ts");
    await runAction(client, name, given, this, signal);
  },
});

/** `msquicd action list`, `msquicd action run NAME [KEY=VALUE…]` */
export const actionCommand = buildRouteMap({
  routes: { list: listCommand, run: runCommand },
  docs: { brief: "List or run what a server's operator lets clients run" },
});

/** @throws {UsageError} A word is not `KEY=VALUE`, or a key is there twice. */
function argumentsOf(words: readonly string[]): Record<string, string> {
  const given = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) throw new UsageError("An action's arguments are written KEY=VALUE");
    const key = word.slice(0, at);
    if (given.has(key)) throw new UsageError("An action's argument is given twice");
    given.set(key, word.slice(at + 1));
  }
  return Object.fromEntries(given);
}
