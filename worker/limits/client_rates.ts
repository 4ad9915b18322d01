import type { ServerLimits } from "../../base/server_limits.ts";
import { ProtocolError } from "../../protocol/mod.ts";
import { ByteRate } from "../../base/byte_rate.ts";
import { Refusals } from "./refusals.ts";
import { RequestRate } from "./request_rate.ts";
import type { TokenShare } from "./token_shares.ts";

/** What bounds how fast a client may be. */
export type RateLimits = Pick<ServerLimits, "requestsPerSecond" | "bytesPerSecond" | "streams">;

/** A request that is one too many. */
export interface TooMany {
  readonly error: ProtocolError;
  /** For how long to hold that back, in milliseconds; `undefined` if the client does not stop. */
  readonly holdMs: number | undefined;
}

/** How many requests, and bytes, there may be of one client in a second, and of its token. */
export class ClientRates {
  readonly #requests: readonly RequestRate[];
  readonly #bytes: readonly ByteRate[];
  readonly #refusals: Refusals;

  private constructor(
    requests: readonly RequestRate[],
    bytes: readonly ByteRate[],
    refusals: Refusals,
  ) {
    this.#requests = requests;
    this.#bytes = bytes;
    this.#refusals = refusals;
  }

  /** @returns `undefined` if there may be any number: then nothing is counted either. */
  static of(
    { requestsPerSecond, bytesPerSecond, streams }: RateLimits,
    share: TokenShare | undefined,
  ): ClientRates | undefined {
    const requests = [
      requestsPerSecond > 0 ? new RequestRate(requestsPerSecond) : undefined,
      share?.requests,
    ].filter((rate) => rate !== undefined);
    const bytes = [bytesPerSecond > 0 ? new ByteRate(bytesPerSecond) : undefined, share?.bytes]
      .filter((rate) => rate !== undefined);
    if (requests.length + bytes.length === 0) return undefined;
    return new ClientRates(requests, bytes, new Refusals(streams));
  }

  /** What its bytes are paced by. */
  get bytes(): readonly ByteRate[] {
    return this.#bytes;
  }

  /** Counts a request. @returns Why it is one too many, if it is. */
  take(): TooMany | undefined {
    for (const rate of this.#requests) if (!rate.take()) return this.#tooMany(rate);
    return undefined;
  }

  #tooMany(rate: RequestRate): TooMany {
    const error = new ProtocolError(
      "too-many-requests",
      "Server takes no more requests of this client at the moment, so many have come; try again later",
      { retryAfterMs: rate.retryAfterMs() },
    );
    return { error, holdMs: this.#refusals.next() };
  }
}
