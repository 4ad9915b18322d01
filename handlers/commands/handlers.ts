import { defineCommand } from "./command.ts";
import { handlersResult, type HandlerStatus } from "./handler_status.ts";
import type { Column, View } from "./view.ts";

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
  summary: "Show which messages workers serve",
  description: [
    "Show which types of messages a worker serves, msquicd's own and those of modules (handlers in the",
    "configuration): what a client must be allowed to do, whether it answers at once, with a sequence",
    "or in datagrams, and what bounds its requests. All workers of a manager have the same, but while",
    "they are replaced; with no --port the first one that is ready is asked.",
  ].join("\n"),
  right: "read",
  parameters: { port: { kind: "port", summary: "Port of the worker to ask" } },
  result: handlersResult,
  run: (context, { port }) => context.handlers(port),
  show: ({ handlers }, view) => view.table(COLUMNS, handlers.map((one) => rowOf(one, view))),
});

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
