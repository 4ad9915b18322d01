import { FingerprintError } from "./errors.ts";

/**
 * Brings a certificate's SHA-256 fingerprint into the form the library compares: 64 lower-case
 * hexadecimal digits. Colons and blanks between the digits, and a leading `sha256:`, are taken.
 *
 * @throws {FingerprintError} It is no SHA-256 fingerprint.
 */
export function normalizeFingerprint(text: string): string {
  const digits = text.replace(/^sha-?256[:=]/i, "").replace(/[:\s]/g, "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  // It is not repeated: somebody may have given the token in its place.
  throw new FingerprintError(
    "This is no fingerprint of a certificate: a SHA-256 in 64 hexadecimal digits is wanted, not " +
      `${text.length} characters`,
  );
}
