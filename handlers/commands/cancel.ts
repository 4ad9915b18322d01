import { defineCommand } from "./command.ts";
import { checkDigits, reasonParameter } from "./listing.ts";
import { cancelResult } from "./transfer_status.ts";
import { progressOf, transfers } from "./transfers.ts";

/** `cancel`: ends a transfer. */
export const cancel = defineCommand({
  name: "cancel",
  summary: "End a transfer, or remove what waits of one",
  description: [
    "End the transfer with this id, of which four digits are enough if no other begins so. The client",
    "is told, and does not begin it again by itself; its session goes on. Nothing is kept of an upload.",
    "Of one that was interrupted and waits to go on, what has come is removed.",
  ].join("\n"),
  right: "admin",
  parameters: {
    reason: reasonParameter,
    transfer: {
      kind: "string",
      summary: "Id of the transfer",
      placeholder: "TRANSFER",
      required: true,
      positional: true,
      complete: async (ask) => (await ask(transfers)).transfers.map(({ id }) => id),
    },
  },
  result: cancelResult,
  run: async (context, { transfer, reason }) => {
    checkDigits("cancel", "transfer", transfer);
    return { transfer: await context.cancelTransfer(transfer, reason) };
  },
  show: ({ transfer }, view) => {
    const what = transfer.state === "waiting" ? "Removed what waited of" : "Cancelled";
    return `${what} ${progressOf(transfer, view)}`;
  },
});
