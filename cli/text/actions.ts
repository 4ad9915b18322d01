import type { ActionArgumentInfo, ActionInfo, ActionResult } from "../../client/mod.ts";
import type { Column, View } from "../../handlers/commands/mod.ts";

const COLUMNS: readonly Column[] = [
  { heading: "ACTION" },
  { heading: "AT MOST", numeric: true },
  { heading: "ARGUMENTS" },
];

/** Actions, for people. */
export function showActions(actions: readonly ActionInfo[], view: View): string {
  if (actions.length === 0) return "There are no actions";
  const rows = actions.map(({ name, timeoutMs, arguments: list }) => [
    view.printable(name),
    view.duration(timeoutMs),
    list.length === 0 ? "-" : view.printable(list.map(showArgument).join(" ")),
  ]);
  return view.table(COLUMNS, rows);
}

/** How an action ended that did not end well. */
export function howActionEnded({ action, exitCode, signal, ended, ms }: ActionResult): string {
  const how = signal === undefined ? `with exit code ${exitCode}` : `by ${signal}`;
  if (ended === "deadline") {
    return `Action "${action}" took longer than it may, and was ended after ${ms} ms`;
  }
  if (ended === "leaving") {
    return `Action "${action}" was ended since its server had to leave; run it again`;
  }
  return `Action "${action}" ended ${how}`;
}

/** `target=a|b`, and in brackets where it may be left out. */
function showArgument(argument: ActionArgumentInfo): string {
  const text = `${argument.name}=${valuesOf(argument)}`;
  return argument.default === undefined ? text : `[${text}, ${argument.default} by default]`;
}

function valuesOf(argument: ActionArgumentInfo): string {
  switch (argument.kind) {
    case "choice":
      return argument.choices.join("|");
    case "number":
      return `${argument.min}..${argument.max}${argument.integer ? "" : " (with fractions)"}`;
    case "file":
      return "FILE";
  }
}
