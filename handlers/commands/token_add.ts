import { SCOPE_FORMS } from "../../base/scopes.ts";
import { defineCommand } from "./command.ts";
import { newTokenResult, showNewToken } from "./token_status.ts";

/** `token.add`: makes a token. */
export const addToken = defineCommand({
  name: "token.add",
  summary: "Make a token, and show it this once",
  description: [
    "Make a token, and show it this once: what is kept of it is a hash. Whoever shows it may do what",
    "--allow says, and nothing else; it may be given several times, or with commas:",
    "",
    "  read, write, delete   files; replacing one takes write and delete",
    "  call:TYPE             a message of your own, by its name or number; call:* for all",
    "  action:NAME           an action of the configuration; action:* for all",
    "  system                look at the machine, the workers, and other clients",
    "  admin                 all of these, and what is yet to come",
  ].join("\n"),
  right: "admin",
  parameters: {
    allow: {
      kind: "strings",
      summary: `What it allows: ${SCOPE_FORMS}`,
      placeholder: "SCOPE",
    },
    prefix: {
      kind: "string",
      summary: "The directory whose files it is for: others are not there for it; all by default",
      placeholder: "NAME",
    },
    expires: {
      kind: "string",
      summary: "When it ends: 12h, 30d, 2030-12-31 or 2030-12-31T18:00Z; never by default",
      placeholder: "TIME",
    },
    quota: {
      kind: "string",
      summary:
        "How many bytes there may be in files that are stored by it: 500M, 10G; any by default",
      placeholder: "BYTES",
    },
    name: {
      kind: "string",
      summary: "What it is called, in lists and logs",
      placeholder: "NAME",
      required: true,
      positional: true,
    },
  },
  waits: true,
  result: newTokenResult,
  run: async (context, { allow = [], ...wish }) =>
    await context.addToken({ ...wish, allow: allow.flatMap((text) => text.split(",")) }),
  show: showNewToken,
});
