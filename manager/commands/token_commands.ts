import { MOMENT_FORM, parseMoment } from "../../base/moment.ts";
import { isPrefix, PREFIX_FORM } from "../../base/name_prefix.ts";
import { isScope, MAX_SCOPES, type Scope, SCOPE_FORMS } from "../../base/scopes.ts";
import { isTokenName, TOKEN_NAME_FORM } from "../../base/token_grant.ts";
import {
  type CommandContext,
  InvalidParametersError,
  type TokenStatus,
  type TokenWish,
} from "../../handlers/commands/mod.ts";
import type { NewToken, StoredToken } from "../state/token_store.ts";
import type { Tokens } from "../supervision/tokens.ts";

/** What commands can do about tokens. */
export function tokenCommands(
  tokens: Tokens,
): Pick<CommandContext, "tokens" | "addToken" | "rotateToken" | "revokeToken"> {
  return {
    tokens: () => tokens.all.map(statusOf),
    async addToken(wish) {
      const { token, stored } = await tokens.add(checkedWish(wish));
      return { ...statusOf(stored), token, ended: 0 };
    },
    async rotateToken(name) {
      checkNotOwner(name);
      const { token, stored, ended } = await tokens.rotate(name);
      return { ...statusOf(stored), token, ended };
    },
    async revokeToken(name) {
      checkNotOwner(name);
      return await tokens.revoke(name);
    },
  };
}

/** @throws {InvalidParametersError} It is the token of the first start. */
function checkNotOwner(name: string): void {
  if (name !== "owner") return;
  throw new InvalidParametersError(
    "Cannot take back the owner's token, which local commands use; to have another one, remove the " +
      "file token in the state directory, and start the manager again",
  );
}

/** @throws {InvalidParametersError} Something of it cannot be. */
function checkedWish({ name, allow, prefix: typed, expires }: TokenWish): NewToken {
  const refuse = (reason: string) => new InvalidParametersError(`Cannot add a token: ${reason}`);
  if (!isTokenName(name)) {
    throw refuse(
      `${JSON.stringify(name)} is no name for one; one has ${TOKEN_NAME_FORM}, and is none of ` +
        "owner, anonymous, stranger and manager",
    );
  }
  const odd = allow.find((scope) => !isScope(scope));
  if (odd !== undefined) {
    throw refuse(`${JSON.stringify(odd)} is nothing that it can allow; that is ${SCOPE_FORMS}`);
  }
  const scopes = [...new Set(allow as readonly Scope[])];
  if (scopes.length > MAX_SCOPES) throw refuse(`it can allow ${MAX_SCOPES} things at most`);
  // As shells complete it.
  const prefix = typed?.replace(/\/$/, "");
  if (prefix !== undefined && !isPrefix(prefix)) {
    throw refuse(`${JSON.stringify(typed)} is no prefix; one is ${PREFIX_FORM}`);
  }
  const wanted = { name, allow: scopes, ...(prefix === undefined ? {} : { prefix }) };
  if (expires === undefined) return wanted;
  const now = Date.now();
  const expiresAt = parseMoment(expires, now);
  if (expiresAt === undefined) {
    throw refuse(`${JSON.stringify(expires)} is no time; one is ${MOMENT_FORM}`);
  }
  if (expiresAt <= now) throw refuse(`${JSON.stringify(expires)} is over already`);
  return { ...wanted, expiresAt };
}

function statusOf({ name, allow, prefix, createdAt, expiresAt }: StoredToken): TokenStatus {
  return {
    ...{ name, allow: [...allow], prefix: prefix ?? null, createdAt },
    expiresAt: expiresAt ?? null,
    expired: (expiresAt ?? Infinity) <= Date.now(),
  };
}
