import { BYTE_RATE_WANTED, parseByteRate } from "../../base/byte_rate_text.ts";
import { defineCommand } from "./command.ts";
import { checkDigits } from "./listing.ts";
import { InvalidParametersError } from "./parameters.ts";
import { type RatesResult, ratesResult, type RateStatus } from "./rate_status.ts";
import { sessions } from "./sessions.ts";
import { tokens } from "./tokens.ts";
import type { View } from "./view.ts";

/** `limit-rate`: how fast clients may be, from now on. */
export const limitRate = defineCommand({
  name: "limit-rate",
  summary: "Bound how many bytes clients send and receive in a second",
  description: [
    "Bound how many bytes all clients of the instance, those of one token, or one session send and",
    "receive in a second, both together: 500k, 10M (of 1024), or none. It holds at once, for what is",
    "under way as well, and until the manager ends; of a session, until that ends. Workers share the",
    "rate evenly. Without RATE, those that are set are shown. `limits` in the configuration bounds",
    "each client besides.",
  ].join("\n"),
  right: "admin",
  parameters: {
    rate: {
      kind: "string",
      summary: "Bytes in a second, or none",
      placeholder: "RATE",
      positional: true,
    },
    session: {
      kind: "string",
      summary: "Of the session with this id only",
      placeholder: "SESSION",
      complete: async (ask) => (await ask(sessions)).sessions.map(({ id }) => id),
    },
    token: {
      kind: "string",
      summary: "Of the clients of this token only; owner for those of the owner's",
      placeholder: "NAME",
      complete: async (ask) => ["owner", ...(await ask(tokens)).tokens.map(({ name }) => name)],
    },
  },
  result: ratesResult,
  run: async (context, { rate, session, token }) => {
    if (rate === undefined) {
      if (session === undefined && token === undefined) return context.rates();
      throw new InvalidParametersError("Cannot run limit-rate: say which rate, or none");
    }
    if (session !== undefined && token !== undefined) {
      throw new InvalidParametersError(
        "Cannot run limit-rate: give a session or a token, not both",
      );
    }
    if (session !== undefined) checkDigits("limit-rate", "session", session);
    const bytesPerSecond = parseRate(rate);
    if (session !== undefined) {
      const id = await context.limitSession(session, bytesPerSecond);
      return withOther(context.rates(), { of: "session", name: id, bytesPerSecond });
    }
    await context.limitRate(token, bytesPerSecond);
    if (bytesPerSecond > 0) return context.rates();
    const of = token === undefined ? "instance" : "token";
    return withOther(context.rates(), { of, name: token ?? null, bytesPerSecond });
  },
  show: (result, view) => {
    if (result.rates.length === 0) return "No rate is limited";
    return result.rates.map((rate) => inWords(rate, result, view)).join("\n");
  },
});

function withOther({ rates, workers }: RatesResult, other: RateStatus): RatesResult {
  return { rates: [...rates, other], workers };
}

/** Bytes in a second; 0 for any number. @throws {InvalidParametersError} */
function parseRate(text: string): number {
  const bytesPerSecond = parseByteRate(text);
  if (bytesPerSecond !== undefined) return bytesPerSecond;
  throw new InvalidParametersError(
    `Cannot run limit-rate: "${text}" is no rate; give ${BYTE_RATE_WANTED}`,
  );
}

function inWords(
  { of, name, bytesPerSecond }: RateStatus,
  { workers }: RatesResult,
  view: View,
): string {
  const whose = of === "instance"
    ? "All clients"
    : of === "token"
    ? `Clients of token "${view.printable(name ?? "")}"`
    : `Session ${name}`;
  if (bytesPerSecond === 0) return `${whose}: any rate`;
  const rate = `${whose}: ${view.bytes(bytesPerSecond)}/s`;
  if (of === "session" || workers < 2) return rate;
  return `${rate}, of which each of ${workers} workers has ${
    view.bytes(Math.ceil(bytesPerSecond / workers))
  }/s`;
}
