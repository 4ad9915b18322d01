import { defineCommand } from "./command.ts";
import { endedSessions, revokedToken } from "./token_status.ts";
import { tokens } from "./tokens.ts";
import type { ParameterSpec } from "./parameters.ts";

/** The name of a token that there is. */
export const tokenParameter = {
  kind: "string",
  summary: "What it is called",
  placeholder: "NAME",
  required: true,
  positional: true,
  complete: async (ask) => (await ask(tokens)).tokens.map(({ name }) => name),
} as const satisfies ParameterSpec;

/** `token.revoke`: takes a token back. */
export const revokeToken = defineCommand({
  name: "token.revoke",
  summary: "Take a token back, and end its sessions",
  description: [
    "Take a token back: nobody is let in by it any more, and the sessions of whoever was are ended at",
    "once, in every worker, with all that is under way in them.",
  ].join("\n"),
  right: "admin",
  parameters: { name: tokenParameter },
  waits: true,
  result: revokedToken,
  run: async (context, { name }) => ({ name, ended: await context.revokeToken(name) }),
  show: ({ name, ended }) => `Token "${name}" is revoked; ${endedSessions(ended)}`,
});
