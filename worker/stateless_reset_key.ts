import { hkdfSync } from "node:crypto";

/** What MsQuic takes, in bytes (`QUIC_STATELESS_RESET_KEY_LENGTH`). */
const KEY_LENGTH = 32;

/**
 * The key for stateless resets (RFC 9000 section 10.3): the same for all servers that have a private
 * key, and known to nobody else.
 *
 * @throws {Deno.errors.NotFound | Deno.errors.PermissionDenied} The file cannot be read.
 */
export async function statelessResetKey(privateKeyFile: string): Promise<Uint8Array<ArrayBuffer>> {
  const secret = await Deno.readFile(privateKeyFile);
  return new Uint8Array(hkdfSync("sha256", secret, "", "msquicd stateless reset", KEY_LENGTH));
}
