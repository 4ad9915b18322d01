import { buildRouteMap, type Command as CliCommand, type RouteMap } from "@stricli/core";
import type { Command } from "../../handlers/commands/mod.ts";
import type { CliContext } from "../context.ts";
import { buildDefined, type Face } from "./build.ts";

/** Commands, and groups of them, by the words that they are typed with. */
export type Routes = Readonly<Record<string, CliCommand<CliContext> | RouteMap<CliContext>>>;

/** What the command line adds to definitions. */
export interface Extras {
  /** What is special about a command, by its name. */
  readonly faces: Readonly<Record<string, Face>>;
  /** Commands that no manager has, in groups of those that one has. */
  readonly members: Readonly<Record<string, Readonly<Record<string, CliCommand<CliContext>>>>>;
}

/** The routes to commands that are defined elsewhere, in their order. */
export function routesOf(
  commands: Iterable<Command>,
  { faces, members }: Extras = { faces: {}, members: {} },
): Routes {
  const all = [...commands];
  const routes = all.filter(({ name }) => !name.includes(".")).map((command) => {
    const { name, group } = command;
    const own = buildDefined(command, faces[name]);
    if (group === undefined) return [name, own] as const;
    const others = all.filter((other) => other.name.startsWith(`${name}.`)).map((other) =>
      [other.name.slice(name.length + 1), buildDefined(other, faces[other.name])] as const
    );
    const map = buildRouteMap({
      routes: { [group.own]: own, ...Object.fromEntries(others), ...members[name] },
      ...(group.byDefault ? { defaultCommand: group.own } : {}),
      docs: { brief: group.summary },
    });
    return [name, map] as const;
  });
  return Object.fromEntries(routes);
}
