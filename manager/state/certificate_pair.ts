import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { X509Certificate } from "node:crypto";
import { CertificateError } from "./certificate_error.ts";

/** A certificate, and the key that belongs to it. */
export interface CertificatePair {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  /** PEM of the certificate, and of those of its authorities after it. */
  readonly pem: string;
  readonly keyPem: string;
  /** Tells it apart from others: also where only its chain is another. */
  readonly id: string;
}

/** Where a pair comes from, and what to do about one that cannot be used. */
export interface PairPlace {
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  /** How one comes by another: `remove it to get a new one`. */
  readonly instead: { readonly one: string; readonly both: string };
}

const CERTIFICATES = /^-----BEGIN CERTIFICATE-----$[^]+?^-----END CERTIFICATE-----$/gm;

/** Hex digits of an id. */
const ID_LENGTH = 16;

/**
 * Checks what was read of a pair.
 *
 * @param pem `undefined` where there is no certificate.
 * @param keyPem `undefined` where there is no key.
 * @throws {CertificateError} If one of them is missing or none, or they do not belong together.
 */
export function checkPair(
  { certificateFile: file, privateKeyFile: keyFile, instead }: PairPlace,
  pem: string | undefined,
  keyPem: string | undefined,
): CertificatePair {
  const key = keyPem === undefined ? undefined : checkKey({ file, keyFile, instead }, keyPem);
  if (pem === undefined) {
    const reason = key === undefined
      ? "it is missing"
      : `there is only its private key, "${keyFile}"`;
    throw new CertificateError(file, reason, `put it there, or ${instead.both}`);
  }
  const certificate = parseChain(pem);
  if (typeof certificate === "string") {
    throw new CertificateError(file, certificate, `replace it, or ${instead.one}`);
  }
  if (key === undefined) {
    const reason = `its private key, "${keyFile}", is missing`;
    throw new CertificateError(file, reason, `put it there, or ${instead.both}`);
  }
  if (!belongTogether(certificate, key)) {
    const reason = `the private key in "${keyFile}" belongs to another certificate`;
    throw new CertificateError(file, reason, `replace one of them, or ${instead.both}`);
  }
  return pairOf(certificate, key, pem, keyPem!);
}

/** Puts a pair together. */
export function pairOf(
  certificate: X509Certificate,
  key: KeyObject,
  pem: string,
  keyPem: string,
): CertificatePair {
  const id = createHash("sha256").update(pem).digest("hex").slice(0, ID_LENGTH);
  return { certificate, key, pem, keyPem, id };
}

/** Reads a key. @throws {CertificateError} If it is none. */
export function checkKey(
  { file, keyFile, instead }: { file: string; keyFile: string; instead: PairPlace["instead"] },
  pem: string,
): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    const reason = `"${keyFile}" is no private key in PEM form without a passphrase`;
    throw new CertificateError(file, reason, `replace it, or ${instead.both}`);
  }
}

/** Lower-case hex SHA-256 of the certificate's DER, which clients pin. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}

/** When a certificate begins to be valid, and when it no longer is, in milliseconds since 1970. */
export function validityOf(certificate: X509Certificate): { from: number; to: number } {
  return { from: Date.parse(certificate.validFrom), to: Date.parse(certificate.validTo) };
}

/** The first certificate of a file, if all in it are some; otherwise what is wrong. */
function parseChain(pem: string): X509Certificate | string {
  if (pem.trim() === "") return "it is empty";
  if (countOf(pem, /^-----BEGIN /gm) !== countOf(pem, /^-----END .+-----\s*$/gm)) {
    return "it is no certificate in PEM form, or not all of it is there";
  }
  try {
    const chain = (pem.match(CERTIFICATES) ?? []).map((one) => new X509Certificate(one));
    return chain[0] ?? "it is no certificate in PEM form";
  } catch {
    return "it is no certificate in PEM form";
  }
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function belongTogether(certificate: X509Certificate, key: KeyObject): boolean {
  const ours = createPublicKey(key).export({ type: "spki", format: "der" });
  return ours.equals(certificate.publicKey.export({ type: "spki", format: "der" }));
}
