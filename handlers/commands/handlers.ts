import { defineCommand } from "./command.ts";
import { handlersResult, type HandlerStatus, type HookStatus } from "./handler_status.ts";
import type { Column, View } from "./view.ts";

const HOOK_COLUMNS: readonly Column[] = [
  { heading: "HOOKS" },
  { heading: "ASKED" },
  { heading: "DEADLINE", numeric: true, rank: 2 },
  { heading: "FROM", rank: 1 },
];

const COLUMNS: readonly Column[] = [
  { heading: "TYPE", numeric: true },
  { heading: "NAME" },
  { heading: "RIGHTS", rank: 3 },
  { heading: "ANSWERS", rank: 2 },
  { heading: "DEADLINE", numeric: true, rank: 4 },
  { heading: "MOST", numeric: true, rank: 5 },
  { heading: "NOW", numeric: true, rank: 6 },
  { heading: "MODULE", rank: 1 },
];

/** `handlers`: what a worker serves. */
export const handlers = defineCommand({
  name: "handlers",
  summary: "Show which messages workers serve, and their hooks",
  description: [
    "Show which types of messages a worker serves, msquicd's own and those of modules (handlers in the",
    "configuration): what a client must be allowed to do, whether it answers at once, with a sequence",
    "or in datagrams, and what bounds its requests. Below are the hooks, if there are any: what is",
    "asked before files are stored and removed, in that order, with the module or action that it is",
    "of. All workers of a manager have the same, but while they are replaced; with no --port the first",
    "one that is ready is asked.",
  ].join("\n"),
  right: "read",
  parameters: { port: { kind: "port", summary: "Port of the worker to ask" } },
  result: handlersResult,
  run: (context, { port }) => context.handlers(port),
  show({ handlers, hooks }, view) {
    const table = view.table(COLUMNS, handlers.map((one) => rowOf(one, view)));
    if (hooks.length === 0) return table;
    return `${table}\n\n${view.table(HOOK_COLUMNS, hooks.map((one) => hookRowOf(one, view)))}`;
  },
});

function hookRowOf({ name, asked, deadlineMs, module, action }: HookStatus, view: View): string[] {
  const from = module ?? (action === null ? "-" : `action ${action}`);
  return [view.printable(name), asked.join(", "), view.duration(deadlineMs), view.printable(from)];
}

function rowOf(handler: HandlerStatus, view: View): string[] {
  const { type, name, rights, module, deadlineMs, maxRequests, underWay } = handler;
  return [
    String(type),
    view.printable(name),
    rights.join(", "),
    waysOf(handler).join(", ") || "-",
    deadlineMs === null ? "-" : view.duration(deadlineMs),
    maxRequests === null ? "-" : String(maxRequests),
    underWay === null ? "-" : String(underWay),
    module === null ? "-" : view.printable(module),
  ];
}

function waysOf({ atOnce, sequence, datagrams }: HandlerStatus): string[] {
  return [
    ...(atOnce ? ["at once"] : []),
    ...(sequence ? ["a sequence"] : []),
    ...(datagrams ? ["datagrams"] : []),
  ];
}
