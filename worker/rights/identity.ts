import { isBelow } from "../../base/name_prefix.ts";
import { numberedType, type Scope, splitScope } from "../../base/scopes.ts";
import type { ClientIdentity, IdentityKind, MessageHandler } from "../../handlers/messages/mod.ts";
import { FIRST_CUSTOM_TYPE, ProtocolError, type Right, rightsOf } from "../../protocol/mod.ts";

/** What is granted to somebody. */
export interface Grant {
  readonly kind: IdentityKind;
  readonly name: string;
  readonly allow: readonly Scope[];
  /** The directory below which names have to be; everywhere if it is left out. */
  readonly prefix?: string;
  /** When it ends, in milliseconds since 1970-01-01 UTC; never if it is left out. */
  readonly expiresAt?: number;
}

/**
 * Who a client is, and what that allows it. All sessions of one token share one, so that what it allows is
 * found out once for each message type, and then only looked up.
 */
export class Identity implements ClientIdentity {
  readonly kind: IdentityKind;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly prefix: string | undefined;
  readonly expiresAt: number | undefined;
  readonly #scopes: ReadonlySet<string>;
  readonly #everything: boolean;
  /** The message types that it was found to allow. */
  readonly #served = new Set<number>();

  constructor({ kind, name, allow, prefix, expiresAt }: Grant) {
    this.kind = kind;
    this.name = name;
    this.scopes = [...allow];
    this.prefix = prefix;
    this.expiresAt = expiresAt;
    this.#scopes = new Set(allow);
    this.#everything = this.#scopes.has("admin");
  }

  /** Whether it may ask for what a handler does. Costs next to nothing: every request asks. */
  mayAsk(handler: MessageHandler): boolean {
    if (this.#everything || this.#served.has(handler.type)) return true;
    if (this.#missing(handler) !== undefined) return false;
    this.#served.add(handler.type);
    return true;
  }

  /** @throws {ProtocolError} `permission-denied`: it may not ask for what a handler does. */
  checkMayAsk(handler: MessageHandler): void {
    if (this.mayAsk(handler)) return;
    throw this.#refusal(this.#missing(handler) ?? "admin", handler.name);
  }

  /** Whether what was granted has ended. */
  hasExpired(nowMs: number): boolean {
    return nowMs >= (this.expiresAt ?? Infinity);
  }

  allows(scope: Scope): boolean {
    if (this.#everything || this.#scopes.has(scope)) return true;
    const [kind, name] = splitScope(scope);
    return name !== undefined && this.#scopes.has(`${kind}:*`);
  }

  check(scope: Scope, action: string): void {
    if (!this.allows(scope)) throw this.#refusal(scope, action);
  }

  mayName(name: string): boolean {
    return this.prefix === undefined || isBelow(name, this.prefix);
  }

  checkName(name: string): void {
    if (this.mayName(name)) return;
    throw new ProtocolError(
      "permission-denied",
      `Not allowed: ${shown(name)} is not below "${this.prefix}/", and ${this.#who} may use ` +
        "nothing else",
    );
  }

  #refusal(scope: string, action: string): ProtocolError {
    return new ProtocolError(
      "permission-denied",
      `Not allowed: ${action} needs the right "${scope}", which ${this.#who} does not have`,
    );
  }

  get #who(): string {
    if (this.kind === "stranger" || this.kind === "anonymous") return "a client without a token";
    return `${this.kind} "${this.name}"`;
  }

  /** The first of the scopes that it lacks for a request. */
  #missing(handler: MessageHandler): string | undefined {
    const { type, right } = handler;
    if (type >= FIRST_CUSTOM_TYPE && !this.#mayCall(handler)) return `call:${handler.name}`;
    return rightsOf(right).find((one) => !this.#has(one));
  }

  #mayCall({ type, name }: MessageHandler): boolean {
    if (this.allows(`call:${name}`)) return true;
    return this.scopes.some((scope) => {
      const [kind, called = ""] = splitScope(scope);
      return kind === "call" && numberedType(called) === type;
    });
  }

  #has(right: Right): boolean {
    if (right === "none") return true;
    if (this.kind === "stranger") return false;
    if (right === "use") return true;
    // Which of them, is for whoever runs it to look at.
    if (right === "action") return this.scopes.some((scope) => scope.startsWith("action:"));
    return this.allows(right);
  }
}

/** A name in a message. */
function shown(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}

/** Whoever has the token that was made at the first start, or runs the server: everything is allowed. */
export const OWNER: Identity = new Identity({ kind: "owner", name: "owner", allow: ["admin"] });

/** Whoever has not said yet who they are: nothing is allowed. */
export const STRANGER: Identity = new Identity({ kind: "stranger", name: "stranger", allow: [] });

/** The manager of the worker. */
export const MANAGER: Identity = new Identity({
  kind: "manager",
  name: "manager",
  allow: ["admin"],
});
