import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import { CertificateError } from "./certificate_error.ts";
import { altNames, type CertificateSubject, wantedNames } from "./certificate_names.ts";
import {
  type CertificatePair,
  checkKey,
  checkPair,
  fingerprintOf,
  pairOf,
  validityOf,
} from "./certificate_pair.ts";
import type { CertificateSource } from "./certificate_source.ts";
import { writePrivateFile } from "./private_files.ts";

const logger = getLogger(["msquicd", "manager"]);

const COMMON_NAME = "msquicd";
const VALID_DAYS = 3650;
const DAY_MS = 86_400_000;

/**
 * The certificate and key that a manager starts with, as they are on disk. Where there are none in the state
 * directory, a self-signed one is made, and one of ours that has expired is renewed. Nothing else is ever
 * written over: what somebody has put there, they mean something by.
 *
 * @param subject Who a new certificate is for.
 * @throws {CertificateError} If a certificate or key is there that cannot be used, or lacks the other.
 * @throws {NotPrivateError | StateError} If a file is not ours alone, or cannot be read or written.
 */
export async function ensureCertificate(
  source: CertificateSource,
  subject: CertificateSubject,
): Promise<CertificatePair> {
  const { pem, keyPem } = await readPair(source);
  if (!source.own || pem !== undefined) return await usable(source, subject, pem, keyPem);
  if (keyPem === undefined) return await makeCertificate(source, subject);
  const { certificateFile: file, privateKeyFile: keyFile, instead } = source;
  const key = checkKey({ file, keyFile, instead }, keyPem);
  // A manager that was killed had not got any further; a key of a user's own is one of another kind.
  if (isOurKind(key)) return await makeCertificate(source, subject, { key, keyPem });
  const reason = `there is only its private key, "${keyFile}"`;
  throw new CertificateError(file, reason, "put it there, or remove the key to get new ones");
}

/**
 * The certificate and key as they are by now, for a manager that has had them before: none is made where
 * they are gone, since that may be the moment in which they are replaced.
 *
 * @throws {CertificateError} Also if a certificate of a user's own is not valid yet, or no longer.
 * @throws {NotPrivateError | StateError}
 */
export async function currentCertificate(
  source: CertificateSource,
  subject: CertificateSubject,
): Promise<CertificatePair> {
  const { pem, keyPem } = await readPair(source);
  if (source.own && pem === undefined) {
    const advice = "put it there, or shut the manager down and start it again to get a new one";
    throw new CertificateError(source.certificateFile, "it is missing", advice);
  }
  const pair = await usable(source, subject, pem, keyPem);
  if (validityOf(pair.certificate).from <= Date.now() || isOurs(pair)) return pair;
  const reason = `it is not valid before ${pair.certificate.validFrom}`;
  throw new CertificateError(source.certificateFile, reason, "wait until then, or set the clock");
}

/** Whether it was made here, or could have been. */
export function isOurs({ certificate, key }: CertificatePair): boolean {
  const name = `CN=${COMMON_NAME}`;
  return certificate.subject === name && certificate.issuer === name && isOurKind(key);
}

interface ReadPair {
  pem: string | undefined;
  keyPem: string | undefined;
}

async function readPair(source: CertificateSource): Promise<ReadPair> {
  const { certificateFile, privateKeyFile } = source;
  return { pem: await source.read(certificateFile), keyPem: await source.read(privateKeyFile) };
}

async function usable(
  source: CertificateSource,
  subject: CertificateSubject,
  pem: string | undefined,
  keyPem: string | undefined,
): Promise<CertificatePair> {
  const pair = checkPair(source, pem, keyPem);
  const { certificate } = pair;
  if (validityOf(certificate).to > Date.now()) return pair;
  if (!source.own || !isOurs(pair)) {
    const advice = `replace it, or ${source.instead.one}`;
    const reason = `it expired on ${certificate.validTo}`;
    throw new CertificateError(source.certificateFile, reason, advice);
  }
  logger.warning(
    "Renewing certificate {file}, which expired on {date}; clients must learn the new fingerprint",
    { file: source.certificateFile, date: certificate.validTo },
  );
  return await makeCertificate(source, subject, pair);
}

/** Whether we could have made it. */
function isOurKind(key: KeyObject): boolean {
  if (key.asymmetricKeyType !== "ec") return false;
  // A JWK has one name for the curve; its details have another before Deno 2.9.
  return createPublicKey(key).export({ format: "jwk" }).crv === "P-256";
}

/** @param present The key that it is made for; a new one where there is none. */
async function makeCertificate(
  source: CertificateSource,
  subject: CertificateSubject,
  present?: Pick<CertificatePair, "key" | "keyPem">,
): Promise<CertificatePair> {
  // Needed once in the life of an instance: not worth loading at every start.
  const { makeSelfSigned } = await import("./self_signed.ts");
  const { key, keyPem } = present ?? newKey();
  const now = Date.now();
  const pem = await makeSelfSigned(key, {
    name: `CN=${COMMON_NAME}`,
    altNames: altNames(wantedNames(subject)),
    // A clock that is a little behind ours must not refuse it.
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + VALID_DAYS * DAY_MS),
  });
  // The key first: with a certificate alone nothing could be begun.
  if (present === undefined) await writePrivateFile(source.privateKeyFile, keyPem);
  await writePrivateFile(source.certificateFile, pem);
  const certificate = new X509Certificate(pem);
  logger.info("Made a new certificate with fingerprint {fingerprint}", {
    fingerprint: fingerprintOf(certificate),
  });
  return pairOf(certificate, key, pem, keyPem);
}

function newKey(): { key: KeyObject; keyPem: string } {
  const { privateKey: key } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return { key, keyPem: String(key.export({ type: "pkcs8", format: "pem" })) };
}
