import { counted } from "../../base/counted.ts";
import { defineCommand } from "./command.ts";
import { checkDigits, reasonParameter } from "./listing.ts";
import { type KickResult, kickResult } from "./session_status.ts";
import { sessions } from "./sessions.ts";
import { progressOf } from "./transfers.ts";
import type { View } from "./view.ts";

/** `kick`: ends a session. */
export const kick = defineCommand({
  name: "kick",
  summary: "End a client's session",
  description: [
    "End the session with this id, of which four digits are enough if no other begins so. The client",
    "is told, shows the reason, and does not come back by itself; whoever runs it may connect again.",
    "What was under way in it is lost; of uploads, what has come is kept as after an interruption.",
  ].join("\n"),
  right: "admin",
  parameters: {
    reason: reasonParameter,
    session: {
      kind: "string",
      summary: "Id of the session",
      placeholder: "SESSION",
      required: true,
      positional: true,
      complete: async (ask) => (await ask(sessions)).sessions.map(({ id }) => id),
    },
  },
  result: kickResult,
  run: async (context, { session, reason }) => {
    checkDigits("kick", "session", session);
    return await context.kick(session, reason);
  },
  show: showKicked,
});

function showKicked({ session, transfers }: KickResult, view: View): string {
  const { id, peer, agent, port, requests } = session;
  const who = view.printable(agent === null ? peer : `${peer} (${agent})`);
  const what = `${counted(requests, "request")} ${requests === 1 ? "was" : "were"}`;
  const under = requests === 0 ? "nothing was" : what;
  return [
    `Ended session ${id} of ${who} on port ${port}; ${under} under way`,
    ...transfers.map((transfer) => `  ${progressOf(transfer, view)}`),
  ].join("\n");
}
