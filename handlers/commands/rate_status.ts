import { type Schema, schemaOf } from "./schema.ts";

/** How many bytes there may be in a second, of whom; 0 for any number. */
export interface RateStatus {
  /** All clients of the instance, those of one token, or one session. */
  of: "instance" | "token" | "session";
  /** Of a token its name, of a session its id; else `null`. */
  name: string | null;
  bytesPerSecond: number;
}

/** What `limit-rate` answers. */
export interface RatesResult {
  /** What was set, and the others that there are, but those of sessions. */
  rates: RateStatus[];
  /** How many workers share those of the instance and of tokens, evenly. */
  workers: number;
}

/** Schema of {@linkcode RatesResult}. */
export const ratesResult: Schema<RatesResult> = schemaOf<RatesResult>()((v) =>
  v.object({
    rates: v.array(v.object({
      of: v.picklist(["instance", "token", "session"]),
      name: v.nullable(v.string()),
      bytesPerSecond: v.number(),
    })),
    workers: v.number(),
  })
);
