import { isBelow } from "../../base/name_prefix.ts";
import { WHOLE } from "../../base/quotas.ts";
import { messages } from "../../protocol/mod.ts";
import { defineHandler, type MessageHandler } from "./handler.ts";
import { storerOf } from "./store_file.ts";

/** Tells which quotas there are where a client may store, and of its own token. */
export const fileQuotas: MessageHandler = defineHandler(
  messages.fileQuotas,
  async (_request, context) => {
    const { prefix } = context.session.identity;
    const all = await context.files.quotas?.(storerOf(context), context.signal) ?? [];
    const quotas = all.filter(({ of, name }) =>
      of === "token" || prefix === undefined || name === WHOLE || name === prefix ||
      isBelow(name, prefix) || isBelow(prefix, name)
    );
    return { quotas };
  },
);
