import type { MessageDefinition } from "../definition.ts";
import { fieldsOf, integerField, listField, textField, wordField } from "../fields.ts";
import { type EmptyRequest, parseNothing } from "../system_bodies.ts";

/** Most quotas that an answer has. */
const MAX_QUOTAS = 1000;

/** A quota, and what is used of it. */
export interface QuotaUse {
  /** Of what is in a directory, or of what a token has stored. */
  of: "directory" | "token";
  /** Of the directory, `/` for all that there is, or of the token. */
  name: string;
  /** How much there may be, in bytes. */
  bytes: number;
  /** How much is stored, in bytes. */
  stored: number;
  /** What uploads that are under way, or were interrupted, take besides, in bytes. */
  promised: number;
}

/** Answer to `file.quotas`. */
export interface FileQuotasResponse {
  quotas: QuotaUse[];
}

/** Tells the quotas that a client is concerned with. */
export const fileQuotas: MessageDefinition<EmptyRequest, FileQuotasResponse, 29> = {
  type: 29,
  name: "file.quotas",
  right: "read",
  parseRequest: parseNothing,
  parseResponse: (body) => ({
    quotas: listField(fieldsOf(body), "quotas", MAX_QUOTAS, parseQuotaUse),
  }),
};

function parseQuotaUse(body: unknown): QuotaUse {
  const fields = fieldsOf(body, "Quota");
  const count = (name: string) => integerField(fields, name, 0, Number.MAX_SAFE_INTEGER);
  return {
    of: wordField(fields, "of", ["directory", "token"]),
    name: textField(fields, "name", 1024),
    bytes: count("bytes"),
    stored: count("stored"),
    promised: count("promised"),
  };
}
