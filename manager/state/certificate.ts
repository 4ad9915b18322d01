import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import { isIP } from "node:net";
import { getLogger } from "@logtape/logtape";
import { CodedError } from "../../base/mod.ts";
import { readPrivateFile, writePrivateFile } from "./private_files.ts";
import type { StateDirectory } from "./state_directory.ts";

const logger = getLogger(["msquicd", "manager"]);

/** A certificate, or its key, cannot be used. */
export class CertificateError extends CodedError {
  readonly code = "bad-certificate";

  /** @param advice What to do about it. */
  constructor(file: string, reason: string, advice: string) {
    super(`Cannot use certificate "${file}": ${reason}; ${advice}`);
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
 * The instance's certificate, as it is on disk now. Where there is none, a self-signed one is made, and
 * one of ours that has expired is renewed. Nothing else is ever written over: what somebody has put
 * there, they mean something by.
 *
 * @param host Address the workers listen on, which a new certificate names.
 * @throws {CertificateError} If a certificate or key is there that cannot be used, or lacks the other.
 * @throws {NotPrivateError | StateError} If a file is not ours alone, or cannot be read or written.
 */
export async function ensureCertificate(
  state: StateDirectory,
  host: string,
): Promise<ServerCertificate> {
  const certificate = await loadCertificate(state, host);
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

async function loadCertificate(state: StateDirectory, host: string): Promise<X509Certificate> {
  const { certificateFile: file, privateKeyFile: keyFile } = state;
  const pem = await readPrivateFile(file);
  const keyPem = await readPrivateFile(keyFile);
  const key = keyPem === undefined ? undefined : parseKey(keyPem);
  if (keyPem !== undefined && key === undefined) {
    const reason = `${named(keyFile)} is no private key in PEM form without a passphrase`;
    throw new CertificateError(file, reason, `replace it, or remove both to get new ones`);
  }
  if (pem === undefined) {
    if (key === undefined) return await makeCertificate(state, host);
    // A manager that was killed had not got any further; a key of a user's own is one of another kind.
    if (isOurKind(key)) return await makeCertificate(state, host, key);
    const reason = `there is only its private key, ${named(keyFile)}`;
    throw new CertificateError(file, reason, "put it there, or remove the key to get new ones");
  }
  const certificate = parse(pem);
  if (certificate === undefined) {
    const reason = pem.trim() === "" ? "it is empty" : "it is no certificate in PEM form";
    throw new CertificateError(file, reason, "replace it, or remove it to get a new one");
  }
  if (key === undefined) {
    const reason = `its private key, ${named(keyFile)}, is missing`;
    throw new CertificateError(file, reason, "put it there, or remove this to get new ones");
  }
  if (!belongTogether(certificate, key)) {
    const reason = `the private key in ${named(keyFile)} belongs to another certificate`;
    throw new CertificateError(file, reason, "replace one of them, or remove both to get new ones");
  }
  if (Date.parse(certificate.validTo) > Date.now()) return certificate;
  if (!isOurs(certificate) || !isOurKind(key)) {
    const reason = `it expired on ${certificate.validTo}`;
    throw new CertificateError(file, reason, "replace it, or remove it to get a new one");
  }
  logger.warning(
    "Renewing certificate {file}, which expired on {date}; clients must learn the new fingerprint",
    { file, date: certificate.validTo },
  );
  return await makeCertificate(state, host, key);
}

function named(path: string): string {
  return `"${path}"`;
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** Whether we could have made it. */
function isOurKind(key: KeyObject): boolean {
  if (key.asymmetricKeyType !== "ec") return false;
  // A JWK has one name for the curve; its details have another before Deno 2.9.
  return createPublicKey(key).export({ format: "jwk" }).crv === "P-256";
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function belongTogether(certificate: X509Certificate, key: KeyObject): boolean {
  const ours = createPublicKey(key).export({ type: "spki", format: "der" });
  return ours.equals(certificate.publicKey.export({ type: "spki", format: "der" }));
}

function isOurs(certificate: X509Certificate): boolean {
  const name = `CN=${COMMON_NAME}`;
  return certificate.subject === name && certificate.issuer === name;
}

/** @param present The key that it is made for; a new one where there is none. */
async function makeCertificate(
  state: StateDirectory,
  host: string,
  present?: KeyObject,
): Promise<X509Certificate> {
  // Needed once in the life of an instance: not worth loading at every start.
  const { makeSelfSigned } = await import("./self_signed.ts");
  const key = present ?? generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  const now = Date.now();
  const cert = await makeSelfSigned(key, {
    name: `CN=${COMMON_NAME}`,
    altNames: altNames(host),
    // A clock that is a little behind ours must not refuse it.
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + VALID_DAYS * DAY_MS),
  });
  // The key first: with a certificate alone nothing could be begun.
  if (present === undefined) {
    const pem = key.export({ type: "pkcs8", format: "pem" });
    await writePrivateFile(state.privateKeyFile, String(pem));
  }
  await writePrivateFile(state.certificateFile, cert);
  const certificate = new X509Certificate(cert);
  logger.info("Made a new certificate with fingerprint {fingerprint}", {
    fingerprint: fingerprintOf(certificate),
  });
  return certificate;
}

function altNames(host: string): { type: "dns" | "ip"; value: string }[] {
  const addresses = new Set(["127.0.0.1", "::1"]);
  const address = host.replace(/%.*$/, ""); // of a zone, only this machine knows
  if (isIP(address) !== 0 && !["0.0.0.0", "::"].includes(address)) addresses.add(address);
  return [
    { type: "dns", value: "localhost" },
    ...[...addresses].map((value) => ({ type: "ip" as const, value })),
  ];
}
