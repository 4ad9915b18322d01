import { counted } from "../../base/counted.ts";
import { ProtocolError } from "../../protocol/mod.ts";
import { ByteRate } from "../../base/byte_rate.ts";
import { RETRY_AFTER_MS } from "./places.ts";
import { RequestRate } from "./request_rate.ts";

/** So many shares are kept of those who are not here, so that coming back does not fill their buckets. */
const KEPT = 1000;

/** What all clients of one token have together in a worker. */
export interface TokenLimits {
  readonly connectionsPerToken: number;
  /** 0 for any number. */
  readonly requestsPerSecondPerToken: number;
  /** 0 for any number. */
  readonly bytesPerSecondPerToken: number;
}

/** Whose token it is. */
export interface TokenHolder {
  readonly kind: string;
  readonly name: string;
}

/** What the clients of one token have together. */
export interface TokenShare {
  /** How many requests there may be, if that is bounded. */
  readonly requests: RequestRate | undefined;
  /** How many bytes, if that is bounded. */
  readonly bytes: ByteRate | undefined;
}

/** Bounds the clients of each token together. */
export class TokenShares {
  readonly #limits: TokenLimits;
  readonly #shares = new Map<string, TokenShare & { clients: number }>();
  readonly #clients = new Map<object, string>();

  constructor(limits: TokenLimits) {
    this.#limits = limits;
  }

  /** One client more. @throws {ProtocolError} `limit-reached`: there are as many as may be. */
  enter(client: object, { kind, name }: TokenHolder): TokenShare {
    const key = `${kind} ${name}`;
    const share = this.#shares.get(key) ?? this.#newShare(key);
    if (share.clients >= this.#limits.connectionsPerToken) {
      throw new ProtocolError(
        "limit-reached",
        `Server serves ${
          counted(share.clients, "client")
        } of this token already, which is as many as it may; ` +
          "try again when some have gone",
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    share.clients++;
    this.#clients.set(client, key);
    return share;
  }

  /** A client has gone, if it was here. */
  leave(client: object): void {
    const key = this.#clients.get(client);
    const share = key === undefined ? undefined : this.#shares.get(key);
    this.#clients.delete(client);
    if (share !== undefined) share.clients--;
  }

  #newShare(key: string): TokenShare & { clients: number } {
    if (this.#shares.size >= KEPT) this.#forgetOthers();
    const { requestsPerSecondPerToken, bytesPerSecondPerToken } = this.#limits;
    const requests = requestsPerSecondPerToken > 0
      ? new RequestRate(requestsPerSecondPerToken)
      : undefined;
    const bytes = bytesPerSecondPerToken > 0 ? new ByteRate(bytesPerSecondPerToken) : undefined;
    const share = { requests, bytes, clients: 0 };
    this.#shares.set(key, share);
    return share;
  }

  #forgetOthers(): void {
    for (const [key, { clients }] of this.#shares) if (clients === 0) this.#shares.delete(key);
  }
}
