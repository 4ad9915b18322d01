import {
  type Command,
  type CommandContext,
  type CommandRegistry,
  UnknownCommandError,
} from "../../handlers/commands/mod.ts";
import { audit } from "../../log/mod.ts";

/** Runs commands by their names. */
export type CommandRunner = Pick<CommandRegistry, "run">;

/** Parameters that are somebody's own, and may hold what is nobody else's business. */
const NOT_TOLD = new Set(["body"]);

/** Runs commands as the registry does, and writes down those that change something. */
export function auditedCommands(registry: CommandRegistry): CommandRunner {
  return {
    async run(name: string, context: CommandContext, parameters: unknown): Promise<unknown> {
      const command = registry.get(name);
      if (command === undefined) throw new UnknownCommandError(name);
      if (command.right === "read") return await command.run(context, parameters);
      try {
        const result = await command.run(context, parameters);
        note(command, parameters, "ok");
        return result;
      } catch (error) {
        note(command, parameters, codeOf(error));
        throw error;
      }
    },
  };
}

/** The control endpoint is the owner's alone. */
function note({ name, parameters: specs }: Command, parameters: unknown, result: string): void {
  const given = Object.entries(Object(parameters)).filter(([key]) =>
    Object.hasOwn(specs, key) && !NOT_TOLD.has(key)
  );
  audit(
    { event: name, result, kind: "owner", parameters: JSON.stringify(Object.fromEntries(given)) },
    "Command {event} {parameters}: {result}",
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "failed";
}
