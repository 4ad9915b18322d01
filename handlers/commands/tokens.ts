import { defineCommand } from "./command.ts";
import { showTokens, tokensResult } from "./token_status.ts";

/** `token`: the tokens besides the owner's. */
export const tokens = defineCommand({
  name: "token",
  summary: "Show which tokens there are",
  description: [
    "Show which tokens there are besides the owner's, which was made at the first start and may do",
    "everything: what each allows, and when it expires. What they are is known to nobody but those",
    "who have them.",
  ].join("\n"),
  group: { summary: "Show, add, revoke or replace tokens", own: "list", byDefault: true },
  right: "read",
  parameters: {},
  result: tokensResult,
  run: (context) => ({ tokens: context.tokens() }),
  show: showTokens,
  toJson: ({ tokens }) => tokens,
});
