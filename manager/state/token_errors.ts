import { CodedError, commandLine } from "../../base/mod.ts";
import { MAX_TOKENS } from "../../base/token_grant.ts";

/** A token of that name is there already. */
export class TokenExistsError extends CodedError {
  readonly code = "token-exists";

  constructor(name: string, instance: string) {
    const rotate = commandLine(`token rotate ${name}`, instance);
    super(`Cannot add token "${name}": there is one of that name; to replace it: ${rotate}`);
  }
}

/** There is no token of that name. */
export class NoTokenError extends CodedError {
  readonly code = "no-token";

  constructor(name: string, instance: string) {
    const list = commandLine("token list", instance);
    super(`There is no token "${name}"; to list those that there are: ${list}`);
  }
}

/** A token that has expired cannot be replaced by one that would have expired as well. */
export class TokenExpiredError extends CodedError {
  readonly code = "token-expired";

  constructor(name: string) {
    super(`Cannot replace token "${name}": it has expired; revoke it, and add another one`);
  }
}

/** There is no room for another token. */
export class TooManyTokensError extends CodedError {
  readonly code = "too-many-tokens";

  constructor() {
    super(
      `Cannot add a token: there are ${MAX_TOKENS}, or they allow more than there is room for; ` +
        "revoke those that nobody uses",
    );
  }
}
