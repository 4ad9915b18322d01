import { createHash } from "node:crypto";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { Buffer as BufferLayout } from "./abi/mod.ts";
import type { Credential } from "./credential.ts";

/** What a client has shown of itself. */
export interface ShownCertificate {
  /** DER. */
  readonly der: Uint8Array<ArrayBuffer>;
  /** Whether an authority that the server trusts has signed it, and it is valid now. */
  readonly trusted: boolean;
}

/** Looks at the certificate (DER) of a peer; tells what is wrong with it, if anything. */
export type CertificateCheck = (der: Uint8Array<ArrayBuffer>) => CertificateFault | undefined;

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

/**
 * The check that a client makes with its credential, beyond what MsQuic checks.
 *
 * @param serverName The host name or IP address that the certificate must be made out to.
 */
export async function certificateCheck(
  credential: Credential,
  serverName: string,
): Promise<CertificateCheck> {
  if ("fingerprint" in credential) {
    const { fingerprint } = credential;
    const wanted = typeof fingerprint === "string" ? [fingerprint] : await fingerprint();
    return (der) => checkFingerprint(der, wanted.map((text) => text.toLowerCase()));
  }
  if ("caFile" in credential) {
    const { certificateNames } = await import("./certificate_names.ts");
    return (der) => {
      try {
        return checkNames(certificateNames(der), serverName);
      } catch {
        return { code: "bad-certificate", reason: "its certificate has names that make no sense" };
      }
    };
  }
  return () => undefined;
}

function checkFingerprint(
  der: Uint8Array,
  wanted: readonly string[],
): CertificateFault | undefined {
  const seen = createHash("sha256").update(der).digest("hex");
  if (wanted.includes(seen)) return undefined;
  return {
    code: "wrong-fingerprint",
    reason: `its certificate has the fingerprint ${seen}, wanted was ${wanted.join(" or ")}; ` +
      "if the server was set up anew, take its new one, which its start prints",
  };
}

// MsQuic checks the chain of signatures when it is built with OpenSSL, but not whom it is made out to.
function checkNames(names: string, serverName: string): CertificateFault | undefined {
  // The subject's common name does not count (RFC 9525 section 6.3).
  const identity = { subject: {}, subjectaltname: names } as PeerCertificate;
  if (checkServerIdentity(serverName, identity) === undefined) return undefined;
  return {
    code: "bad-certificate",
    reason: `its certificate is not made out to ${serverName} but to ${names || "nobody"}`,
  };
}
