import { CodedError } from "../../base/mod.ts";
import type { Command, CommandContext } from "./command.ts";
import { MANAGEMENT_COMMANDS } from "./list.ts";

/** A command that the manager does not have. */
export class UnknownCommandError extends CodedError {
  readonly code = "usage";

  /** @param command The name that was asked for. */
  constructor(command: string) {
    super(`Cannot run "${command}": there is no such command`);
  }
}

/** The commands of a manager, by name. */
export class CommandRegistry implements Iterable<Command> {
  readonly #commands = new Map<string, Command>();

  /** Adds a command, or replaces the one of the same name. */
  add(command: Command): this {
    this.#commands.set(command.name, command);
    return this;
  }

  get(name: string): Command | undefined {
    return this.#commands.get(name);
  }

  /**
   * Runs the command called `name`.
   *
   * @throws {UnknownCommandError} If there is none.
   * @throws {InvalidParametersError} If the parameters do not fit; else whatever the command throws.
   */
  async run(name: string, context: CommandContext, parameters: unknown): Promise<unknown> {
    const command = this.#commands.get(name);
    if (!command) throw new UnknownCommandError(name);
    return await command.run(context, parameters);
  }

  [Symbol.iterator](): Iterator<Command> {
    return this.#commands.values();
  }
}

/** A registry of the commands every manager has. */
export function createCommandRegistry(): CommandRegistry {
  const registry = new CommandRegistry();
  for (const command of MANAGEMENT_COMMANDS) registry.add(command);
  return registry;
}
