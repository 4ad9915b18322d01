import { createHash, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { Buffer as BufferLayout } from "./abi/mod.ts";

/** What a client wants of the certificate of its peer. */
export interface CertificateCheck {
  /** Lower-case hex SHA-256 of the only certificate (DER) to accept. */
  readonly fingerprint?: string;
  /** The host name or IP address that it must be made out to (RFC 6125). */
  readonly name?: string;
}

/** A certificate that is not what was wanted. */
export interface CertificateFault {
  readonly code: "wrong-fingerprint" | "bad-certificate";
  /** Goes on from "Cannot trust HOST:PORT: ". */
  readonly reason: string;
}

/** Copies the DER of a certificate that came as a `QUIC_BUFFER` ("portable"). */
export function readPortableCertificate(certificate: Deno.PointerValue): Uint8Array<ArrayBuffer> {
  if (certificate === null) return new Uint8Array();
  const view = new Deno.UnsafePointerView(certificate);
  const bytes = view.getPointer(BufferLayout.Buffer);
  if (bytes === null) return new Uint8Array();
  const der = new Uint8Array(view.getUint32(BufferLayout.Length));
  new Deno.UnsafePointerView(bytes).copyInto(der);
  return der;
}

/** What is wrong with a certificate, or `undefined` when it is the wanted one. */
export function checkCertificate(
  der: Uint8Array<ArrayBuffer>,
  { fingerprint, name }: CertificateCheck,
): CertificateFault | undefined {
  if (fingerprint !== undefined) return checkFingerprint(der, fingerprint);
  if (name !== undefined) return checkName(der, name);
}

function checkFingerprint(der: Uint8Array, wanted: string): CertificateFault | undefined {
  const seen = createHash("sha256").update(der).digest("hex");
  if (seen === wanted) return undefined;
  return {
    code: "wrong-fingerprint",
    reason: `its certificate has the fingerprint ${seen}, wanted was ${wanted}; ` +
      "if the server was set up anew, use its new one",
  };
}

// MsQuic checks the chain of signatures when it is built with OpenSSL, but not whom it is made out to.
function checkName(der: Uint8Array<ArrayBuffer>, name: string): CertificateFault | undefined {
  const certificate = new X509Certificate(der);
  const matches = isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name);
  if (matches !== undefined) return undefined;
  const names = certificate.subjectAltName ?? certificate.subject;
  return {
    code: "bad-certificate",
    reason: `its certificate is not made out to ${name} but to ${names}`,
  };
}
