import { buildCommand, type Command as CliCommand } from "@stricli/core";
import type { Command } from "../../handlers/commands/mod.ts";
import type { CliContext } from "../context.ts";
import { ask } from "./ask.ts";
import { type Flags, parserParameters, valuesOf } from "./parameters.ts";

/** What is special on the command line about a command, beyond its definition. */
export interface Face {
  /** Refuses, in words of the command line, what the manager would refuse. */
  check?(parameters: Readonly<Record<string, unknown>>): void;
  /** Has it done, where that takes more than to ask the manager. */
  run?(
    context: CliContext,
    instance: string,
    parameters: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
}

/** Makes the command line's command of a definition. */
export function buildDefined(command: Command, face: Face = {}): CliCommand<CliContext> {
  const { summary, description, parameters: specs } = command;
  return buildCommand<Flags, unknown[], CliContext>({
    docs: {
      brief: summary,
      ...(description === undefined ? {} : { fullDescription: description }),
    },
    parameters: parserParameters(specs, command),
    async func(flags, ...words) {
      const parameters = valuesOf(specs, flags, words);
      face.check?.(parameters);
      const instance = typeof flags.instance === "string" ? flags.instance : this.instance;
      const once = async () =>
        face.run
          ? await face.run(this, instance, parameters)
          : await ask(this, instance, command, parameters);
      if (flags.watch === true) {
        const { watch } = await import("./watch.ts");
        return await watch(this, instance, command, once);
      }
      const result = await once();
      const { output, stdout } = this;
      if (output.json) return output.result(command.toJson?.(result, { instance }) ?? result);
      const { viewOf } = await import("../text/view.ts");
      output.line(command.show(result, viewOf(stdout, instance)));
    },
  });
}
