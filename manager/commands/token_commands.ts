import { BYTE_SIZE_FORM, parseByteSize } from "../../base/byte_size.ts";
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
import type { ManagerConfig } from "../config/config.ts";
import type { NewToken, StoredToken } from "../state/token_store.ts";
import type { Tokens } from "../supervision/tokens.ts";

type TokenCommand = "tokens" | "addToken" | "rotateToken" | "revokeToken" | "setTokenQuota";

/**
 * What commands can do about tokens.
 *
 * @param root The directory that files are kept in: whose they are has to be noted there for quotas.
 */
export function tokenCommands(
  tokens: Tokens,
  { root }: Pick<ManagerConfig, "root">,
): Pick<CommandContext, TokenCommand> {
  return {
    tokens: () => tokens.all.map(statusOf),
    async addToken(wish) {
      const checked = checkedWish(wish);
      if (checked.quotaBytes !== undefined) await checkNotes(root, "add a token");
      const { token, stored } = await tokens.add(checked);
      return { ...statusOf(stored), token, ended: 0 };
    },
    async rotateToken(name) {
      checkNotOwner(name);
      const { token, stored, ended } = await tokens.rotate(name);
      return { ...statusOf(stored), token, ended };
    },
    async setTokenQuota(name, quota) {
      if (name === "owner") {
        throw new InvalidParametersError(
          "Cannot bound what the owner's token stores; bound directories with quotas in the configuration",
        );
      }
      const quotaBytes = quota === "none" ? undefined : parseQuota(quota, "change a token");
      if (quotaBytes !== undefined) await checkNotes(root, "change a token");
      return statusOf(await tokens.setQuota(name, quotaBytes));
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
function checkedWish({ name, allow, prefix: typed, expires, quota }: TokenWish): NewToken {
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
  const wanted = {
    ...{ name, allow: scopes },
    ...(prefix === undefined ? {} : { prefix }),
    ...(quota === undefined ? {} : { quotaBytes: parseQuota(quota, "add a token") }),
  };
  if (expires === undefined) return wanted;
  const now = Date.now();
  const expiresAt = parseMoment(expires, now);
  if (expiresAt === undefined) {
    throw refuse(`${JSON.stringify(expires)} is no time; one is ${MOMENT_FORM}`);
  }
  if (expiresAt <= now) throw refuse(`${JSON.stringify(expires)} is over already`);
  return { ...wanted, expiresAt };
}

/** @throws {InvalidParametersError} It is no number of bytes. */
function parseQuota(text: string, action: string): number {
  const bytes = parseByteSize(text);
  if (bytes !== undefined) return bytes;
  throw new InvalidParametersError(
    `Cannot ${action}: ${JSON.stringify(text)} is no quota; one is ${BYTE_SIZE_FORM}`,
  );
}

/** @throws {InvalidParametersError} It cannot be noted there whose a file is. */
async function checkNotes(root: string, action: string): Promise<void> {
  // Loaded when first asked for: the start of a manager does without.
  const { canNoteStorers } = await import("../../transfer/storage/storer_note.ts");
  if (canNoteStorers(root)) return;
  throw new InvalidParametersError(
    `Cannot ${action} with a quota: the disk of "${root}" does not keep extended attributes, by which ` +
      "it is known whose a file is; bound directories with quotas in the configuration instead",
  );
}

function statusOf(token: StoredToken): TokenStatus {
  const { name, allow, prefix, createdAt, expiresAt, quotaBytes } = token;
  return {
    ...{ name, allow: [...allow], prefix: prefix ?? null, createdAt },
    expiresAt: expiresAt ?? null,
    expired: (expiresAt ?? Infinity) <= Date.now(),
    quotaBytes: quotaBytes ?? null,
  };
}
