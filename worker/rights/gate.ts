import { createHash, timingSafeEqual } from "node:crypto";
import type { AccessGrant } from "../../base/access_grant.ts";
import type { TokenGrant } from "../../base/token_grant.ts";
import type { ShownCertificate } from "../../ffi/mod.ts";
import type { Certificates } from "./certificates.ts";
import { Identity, OWNER } from "./identity.ts";

/** A token that is good, and who has it. */
interface Pass {
  readonly grant: TokenGrant;
  readonly digest: Uint8Array;
  readonly identity: Identity;
}

/**
 * Knows who a client is by what it shows.
 *
 * A token is looked up by its SHA-256. How long that takes may tell something of digests, which nobody can
 * choose without knowing the token; it tells nothing of tokens.
 */
export class Gate {
  readonly #owner: Uint8Array;
  /** Whoever shows no token; `undefined` if nobody is let in without. */
  readonly #anonymous: Identity | undefined;
  readonly #certificates: Certificates | undefined;
  /** By the digest, in lower-case hex. */
  #passes: ReadonlyMap<string, Pass> = new Map();
  #good: ReadonlySet<Identity> = new Set();

  /**
   * @param token Whoever shows it may do everything.
   * @param others Who else is let in: who has one of these tokens, and who shows none.
   * @throws {TypeError} It is empty, so that everybody would have it.
   */
  constructor(
    token: string,
    { tokens = [], anonymous, certificates }: {
      tokens?: readonly TokenGrant[] | undefined;
      anonymous?: AccessGrant | undefined;
      certificates?: Certificates | undefined;
    } = {},
  ) {
    if (token === "") throw new TypeError("Cannot guard a server with an empty token");
    this.#owner = digestOf(token);
    this.update(tokens);
    this.#certificates = certificates;
    this.#anonymous = anonymous &&
      new Identity({ ...anonymous, kind: "anonymous", name: "anonymous" });
  }

  /** From now on these are good, besides the owner's. Who has one that stays as it is, stays who it is. */
  update(tokens: readonly TokenGrant[]): void {
    this.#passes = new Map(
      tokens.map((grant) => [grant.digest, this.#keptPass(grant) ?? newPass(grant)]),
    );
    this.#good = new Set(Array.from(this.#passes.values(), ({ identity }) => identity));
  }

  /**
   * Who has the token that a client shows, also if it has expired; who shows none, is known by a certificate,
   * or not at all.
   *
   * @param shown Empty for none.
   */
  identify(shown: string, certificate?: ShownCertificate): Identity | undefined {
    if (shown === "") return this.#certificates?.identify(certificate) ?? this.#anonymous;
    const digest = digestOf(shown);
    if (timingSafeEqual(this.#owner, digest)) return OWNER;
    const pass = this.#passes.get(digest.toHex());
    return pass !== undefined && timingSafeEqual(pass.digest, digest) ? pass.identity : undefined;
  }

  /** Whether somebody who was let in would still be: by the same token, for the same things. */
  isGood(identity: Identity, nowMs: number): boolean {
    if (identity.kind !== "token") return true;
    return this.#good.has(identity) && !identity.hasExpired(nowMs);
  }

  /** When the next of the tokens expires that have not; `Infinity` if none does. */
  nextExpiry(nowMs: number): number {
    const times = Array.from(this.#passes.values(), ({ grant }) => grant.expiresAt ?? Infinity);
    return Math.min(Infinity, ...times.filter((time) => time > nowMs));
  }

  #keptPass(grant: TokenGrant): Pass | undefined {
    const pass = this.#passes.get(grant.digest);
    return pass !== undefined && isSame(pass.grant, grant) ? pass : undefined;
  }
}

function newPass(grant: TokenGrant): Pass {
  const { digest: _digest, ...granted } = grant;
  const identity = new Identity({ ...granted, kind: "token" });
  return { grant, digest: Uint8Array.fromHex(grant.digest), identity };
}

function isSame(one: TokenGrant, other: TokenGrant): boolean {
  return one.name === other.name && one.prefix === other.prefix &&
    one.expiresAt === other.expiresAt &&
    one.allow.length === other.allow.length &&
    one.allow.every((scope, index) => scope === other.allow[index]);
}

/** Of equal length for all tokens, as comparing needs it. */
function digestOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
