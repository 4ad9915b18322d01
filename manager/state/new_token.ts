import { randomBytes } from "node:crypto";

/**
 * A new access token, which nobody can guess. It does not begin with a dash: behind `--token` it would
 * be taken for a flag.
 *
 * @param draw 32 random bytes.
 */
export function newToken(draw: () => Uint8Array = () => randomBytes(32)): string {
  while (true) {
    const token = draw().toBase64({ alphabet: "base64url", omitPadding: true });
    if (!token.startsWith("-")) return token;
  }
}
