import { defineCommand } from "./command.ts";
import { tokenParameter } from "./token_revoke.ts";
import { showQuota, tokenQuotaResult } from "./token_status.ts";

/** `token.quota`: bounds how much may be stored by a token. */
export const tokenQuota = defineCommand({
  name: "token.quota",
  summary: "Bound how much is stored by a token",
  description: [
    "Bound how many bytes there may be in the files that clients of a token have stored, from now on and",
    "in every worker: 500M, 10G (of 1024), or none. What is stored stays, also if it is more. What was",
    "stored before by the token counts as well. It takes a disk that keeps extended attributes.",
  ].join("\n"),
  right: "admin",
  parameters: {
    name: tokenParameter,
    quota: {
      kind: "string",
      summary: "In bytes, or none",
      placeholder: "QUOTA",
      required: true,
      positional: true,
    },
  },
  waits: true,
  result: tokenQuotaResult,
  run: async (context, { name, quota }) => await context.setTokenQuota(name, quota),
  show: ({ name, quotaBytes }, view) => `Token "${name}": ${showQuota(quotaBytes, view)}`,
});
