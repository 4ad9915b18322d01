import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { getLogger } from "@logtape/logtape";
import { readPrivateFile, writePrivateFile } from "./private_files.ts";
import type { StateDirectory } from "./state_directory.ts";

const logger = getLogger(["msquicd", "manager"]);

/** A certificate that was put there by someone else cannot be used. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  readonly code = "bad-certificate";

  constructor(file: string, reason: string) {
    super(`Cannot use certificate "${file}": ${reason}; replace it, or remove it to get a new one`);
  }
}

/** The certificate the workers present. */
export interface ServerCertificate {
  certificateFile: string;
  privateKeyFile: string;
  /** Lower-case hex SHA-256 of the certificate's DER, which clients pin. */
  fingerprint: string;
}

const COMMON_NAME = "msquicd";
const VALID_DAYS = 3650;
const DAY_MS = 86_400_000;

/**
 * The instance's certificate; a self-signed one is made if there is none, and made anew if it is
 * half-made, expired, or does not belong to the key.
 *
 * @param host Address the workers listen on, which a new certificate names.
 * @throws {CertificateError} If a certificate that is not self-signed by us cannot be used.
 */
export async function ensureCertificate(
  state: StateDirectory,
  host: string,
): Promise<ServerCertificate> {
  const certificate = await loadCertificate(state) ?? await makeCertificate(state, host);
  return {
    certificateFile: state.certificateFile,
    privateKeyFile: state.privateKeyFile,
    fingerprint: fingerprintOf(certificate),
  };
}

/** Lower-case hex SHA-256 of the certificate's DER. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}

async function loadCertificate(state: StateDirectory): Promise<X509Certificate | undefined> {
  const file = state.certificateFile;
  const pem = await readPrivateFile(file);
  const key = await readPrivateFile(state.privateKeyFile);
  if (pem === undefined && key === undefined) return undefined;
  const certificate = parse(pem ?? "");
  const problem = certificate ? problemOf(certificate, key) : "it is not complete";
  if (certificate && !problem) return certificate;
  if (certificate && !isOurs(certificate)) throw new CertificateError(file, problem ?? "");
  logger.warning(
    "Replacing certificate {file}: {problem}; clients must learn the new fingerprint",
    {
      file,
      problem,
    },
  );
  return undefined;
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function problemOf(certificate: X509Certificate, key: string | undefined): string | undefined {
  if (key === undefined) return "its private key is missing";
  if (!belongTogether(certificate, key)) return "the private key belongs to another one";
  if (Date.parse(certificate.validTo) <= Date.now()) return `it expired on ${certificate.validTo}`;
  return undefined;
}

function belongTogether(certificate: X509Certificate, key: string): boolean {
  try {
    const ours = createPublicKey(createPrivateKey(key)).export({ type: "spki", format: "der" });
    return ours.equals(certificate.publicKey.export({ type: "spki", format: "der" }));
  } catch {
    return false;
  }
}

function isOurs(certificate: X509Certificate): boolean {
  const name = `CN=${COMMON_NAME}`;
  return certificate.subject === name && certificate.issuer === name;
}

async function makeCertificate(state: StateDirectory, host: string): Promise<X509Certificate> {
  // Needed once in the life of an instance: not worth loading at every start.
  const { generate } = await import("selfsigned");
  const now = Date.now();
  const { cert, private: key } = await generate([{ name: "commonName", value: COMMON_NAME }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    // A clock that is a little behind ours must not refuse it.
    notBeforeDate: new Date(now - DAY_MS),
    notAfterDate: new Date(now + VALID_DAYS * DAY_MS),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: altNames(host) },
    ],
  });
  // The key first: a certificate without a key would be one more state to think of.
  await writePrivateFile(state.privateKeyFile, key);
  await writePrivateFile(state.certificateFile, cert);
  const certificate = new X509Certificate(cert);
  logger.info("Made a new certificate with fingerprint {fingerprint}", {
    fingerprint: fingerprintOf(certificate),
  });
  return certificate;
}

function altNames(host: string): ({ type: 2; value: string } | { type: 7; ip: string })[] {
  const addresses = new Set(["127.0.0.1", "::1"]);
  if (isIP(host) !== 0 && host !== "0.0.0.0" && host !== "::") addresses.add(host);
  return [
    { type: 2, value: "localhost" },
    ...[...addresses].map((ip) => ({ type: 7 as const, ip })),
  ];
}
