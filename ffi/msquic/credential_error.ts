import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { CodedError, systemReason } from "../../base/mod.ts";
import { statusName } from "./abi/mod.ts";
import type { CertificatePair, Credential } from "./credential.ts";

/** Thrown when a certificate, key or list of authorities cannot be used; says which file, and why. */
export class CredentialError extends CodedError {
  readonly code = "unusable-credential";
}

/**
 * What is wrong with a credential that MsQuic could not load with `status`: it tells nothing itself.
 *
 * The files are looked at only now, when there is something wrong with them.
 */
export function credentialError(credential: Credential, status: number): CredentialError {
  const reason = `the TLS library cannot load it (${statusName(status)})`;
  const own = credential.role === "server" ? credential : credential.own;
  const authorities = authoritiesOf(credential);
  // Where both may be the reason, what is wrong with the authorities is found out first.
  const fault = authorities === undefined ? undefined : authoritiesError(authorities);
  if (fault !== undefined) return fault;
  if (own !== undefined) return pairError(own, reason);
  return authorities === undefined
    ? new CredentialError(`Cannot set up TLS: ${reason}`)
    : authoritiesError(authorities, reason);
}

function authoritiesOf(credential: Credential): string | undefined {
  if (credential.role === "server") return credential.clientCaFile;
  return "caFile" in credential ? credential.caFile : undefined;
}

function authoritiesError(path: string): CredentialError | undefined;
function authoritiesError(path: string, otherwise: string): CredentialError;
function authoritiesError(path: string, otherwise?: string): CredentialError | undefined {
  const pem = readPem(path);
  const problem = pem.problem ?? (certificateIn(pem.text) ? otherwise : NO_CERTIFICATE);
  if (problem === undefined) return undefined;
  const advice = "name a PEM file with the certificates of those that are trusted";
  return unusable(`the certificate authorities in ${path}`, problem, advice);
}

function pairError(
  { certificateFile, privateKeyFile }: CertificatePair,
  reason: string,
): CredentialError {
  const pem = readPem(certificateFile);
  const certificate = certificateIn(pem.text);
  const advice = "name a PEM file with the certificate, and with those of its authorities after it";
  const what = `certificate ${certificateFile}`;
  if (!certificate) return unusable(what, pem.problem ?? NO_CERTIFICATE, advice);
  const keyPem = readPem(privateKeyFile);
  const key = keyIn(keyPem.text);
  const keyAdvice = `name the PEM file with the key of ${certificateFile}`;
  const keyWhat = `private key ${privateKeyFile}`;
  if (!key) return unusable(keyWhat, keyPem.problem ?? NO_KEY, keyAdvice);
  if (belongTogether(certificate, key)) return unusable(what, reason, advice);
  return unusable(keyWhat, `it belongs to another certificate than ${certificateFile}`, keyAdvice);
}

const NO_CERTIFICATE = "it has no certificate in PEM format";
const NO_KEY = "it has no private key in PEM format, or one with a passphrase";

function unusable(what: string, problem: string, advice: string): CredentialError {
  return new CredentialError(`Cannot use ${what}: ${problem}; ${advice}`);
}

/** What is in a file, or why that cannot be told. */
function readPem(path: string): { text: string; problem?: string } {
  try {
    if (!Deno.statSync(path).isFile) return { text: "", problem: "it is not a file" };
    return { text: Deno.readTextFileSync(path) };
  } catch (error) {
    return { text: "", problem: systemReason(error) };
  }
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function keyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function belongTogether(certificate: X509Certificate, key: KeyObject): boolean {
  const ours = createPublicKey(key).export({ type: "spki", format: "der" });
  return ours.equals(certificate.publicKey.export({ type: "spki", format: "der" }));
}
