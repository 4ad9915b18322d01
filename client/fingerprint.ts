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
  throw new FingerprintError(
    `"${text}" is not a SHA-256 fingerprint: 64 hexadecimal digits are wanted`,
  );
}
