import { defineCommand } from "./command.ts";
import { tokenParameter } from "./token_revoke.ts";
import { newTokenResult, showNewToken } from "./token_status.ts";

/** `token.rotate`: puts another token in the place of one. */
export const rotateToken = defineCommand({
  name: "token.rotate",
  summary: "Make another token in the place of one, and show it this once",
  description: [
    "Make another token in the place of one, with the same name, for the same things, and until the",
    "same time, and show it this once. The one before is good no more, and its sessions are ended.",
  ].join("\n"),
  right: "admin",
  parameters: { name: tokenParameter },
  waits: true,
  result: newTokenResult,
  run: async (context, { name }) => await context.rotateToken(name),
  show: showNewToken,
});
