import type { CommandContext, RateStatus } from "../../handlers/commands/mod.ts";
import { NoTokenError } from "../state/token_errors.ts";
import type { RateBoard } from "../supervision/rate_board.ts";

/** The name that stands for the owner's token. */
const OWNER = "owner";

/** What commands can do about how fast all clients, and those of a token, may be. */
export function rateCommands(
  board: RateBoard,
  tokens: () => readonly { readonly name: string }[],
  instance: string,
): Pick<CommandContext, "rates" | "limitRate"> {
  return {
    rates() {
      const { bytesPerSecond, tokens } = board.current;
      const rates: RateStatus[] = tokens.map((token) => ({ of: "token", ...token }));
      if (bytesPerSecond > 0) rates.unshift({ of: "instance", name: null, bytesPerSecond });
      return { rates, workers: board.workers };
    },
    async limitRate(token, bytesPerSecond) {
      if (token !== undefined && token !== OWNER && !tokens().some(({ name }) => name === token)) {
        throw new NoTokenError(token, instance);
      }
      await board.set(token, bytesPerSecond);
    },
  };
}
